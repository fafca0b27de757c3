package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRA on the command line, on the bundled model. */
class AdapterOptionsTest {
  @TempDir Path folder;
  private Path lora;

  @BeforeEach
  void writeAnAdapter() throws IOException {
    lora = write("lora.safetensors", 0.05f);
  }

  /** Of the first convolution, rank 1, in kohya's names. */
  private Path write(String name, float value) throws IOException {
    return write(
        name,
        """
        {"__metadata__":{"ss_base_model_version":"miniature"},\
        "lora_unet_conv_in.lora_down.weight":{"dtype":"F32","shape":[1,4,3,3],"data_offsets":[0,144]},\
        "lora_unet_conv_in.lora_up.weight":{"dtype":"F32","shape":[48,1,1,1],"data_offsets":[144,336]}}""",
        336,
        value);
  }

  /** A word of one vector, as wide as the bundled model's text encoder. */
  private Path writeWord(String name, float value) throws IOException {
    return write(
        name,
        """
        {"<bright>":{"dtype":"F32","shape":[1,64],"data_offsets":[0,256]}}""",
        256,
        value);
  }

  private Path write(String name, String header, int bytes, float value) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    while (file.hasRemaining()) {
      file.putFloat(value);
    }
    return Files.write(folder.resolve(name), file.array());
  }

  @Test
  void repeatsAVideoWithItsAdaptersAndLearnedWords() throws IOException {
    Path word = writeWord("word.safetensors", 0.1f);
    Map<String, Object> plain = generate("plain.mkv");
    Map<String, Object> first =
        generate("first.mkv", "--lora", lora + ":5e-1:2", "--embedding", word.toString());
    assertThat(plain).doesNotContainKeys("adapters", "learnedWords");
    Map<?, ?> adapter = (Map<?, ?>) ((List<?>) first.get("adapters")).get(0);
    assertThat(adapter.get("file")).isEqualTo(lora.toString());
    assertThat(adapter.get("scale")).isEqualTo(0.5);
    assertThat(adapter.get("spatialScale")).isEqualTo(0.5);
    assertThat(adapter.get("temporalScale")).isEqualTo(2.0);
    assertThat(first.get("learnedWords"))
        .isEqualTo(List.of(Map.of("file", word.toString(), "sha256", Sha256.of(word))));
    Map<String, Object> again = generate("again.mkv", "--like", in("first.mkv"));
    assertThat(again.get("adapters")).isEqualTo(first.get("adapters"));
    assertThat(again.get("learnedWords")).isEqualTo(first.get("learnedWords"));
    assertThat(Files.readAllBytes(folder.resolve("again.mkv")))
        .isEqualTo(Files.readAllBytes(folder.resolve("first.mkv")));
  }

  @Test
  void refusesToRepeatWithAnotherAdapterOfTheName() throws IOException {
    generate("first.mkv", "--lora", lora.toString());
    write("lora.safetensors", 0.1f);
    refusesToRepeat("SHA-256", lora.toString(), "--lora");
    Files.delete(lora);
    refusesToRepeat("cannot be read: give it with --lora", lora.toString());
  }

  @Test
  void refusesToRepeatWithAnotherLearnedWordOfTheName() throws IOException {
    Path word = writeWord("word.safetensors", 0.1f);
    generate("first.mkv", "--embedding", word.toString());
    writeWord("word.safetensors", 0.2f);
    refusesToRepeat("SHA-256", word.toString(), "--embedding");
    Files.delete(word);
    refusesToRepeat("cannot be read: give it with --embedding", word.toString());
  }

  private void refusesToRepeat(String... message) {
    Commands.Outcome outcome = t2v("generate", "--like", in("first.mkv"), "-o", in("b.mkv"), "-q");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(message);
  }

  @Test
  void saysWhatAnAdapterIs() throws IOException {
    Commands.Outcome text = t2v("inspect", lora.toString());
    assertThat(text.code()).isZero();
    assertThat(text.out()).containsPattern("format +kohya").containsPattern("layers +1");
    assertThat(text.out()).containsPattern("ss_base_model_version +miniature");
    Map<String, Object> json = JSON.std.mapFrom(t2v("inspect", "--json", lora.toString()).out());
    assertThat(json).containsEntry("format", "kohya").containsEntry("largestRank", 1);
  }

  /** The longest of them, with the LoRA and the learned word of the bundled model. */
  @Test
  void theCommandsOfThePageWork() throws IOException {
    Path root = DeploymentPageTest.root();
    String page = Files.readString(root.resolve("docs/adapters.md"));
    String adapters = find("    ADAPTERS=(\\S+)\n", page);
    String command = find("    t2v (generate .+ --embedding .+)\n", page);
    List<String> arguments = new ArrayList<>();
    Pattern.compile("\"([^\"]+)\"|(\\S+)")
        .matcher(command)
        .results()
        .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
        .map(word -> word.replace("$ADAPTERS", root.resolve(adapters).toString()))
        .forEach(arguments::add);
    arguments.addAll(List.of("--json", "-q", "-o", in("pink.mkv")));

    Commands.Outcome outcome = t2v(arguments.toArray(String[]::new));

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(JSON.std.mapFrom(outcome.out())).containsKeys("adapters", "learnedWords");
  }

  private static String find(String pattern, String page) {
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  @Test
  void namesTheFileThatIsMissing() {
    Commands.Outcome outcome =
        t2v("generate", "a red circle", "--lora", in("none.pt") + ":0.5", "-o", in("a.mkv"));
    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).contains(in("none.pt")).doesNotContain("none.pt:0.5");
  }

  private Map<String, Object> generate(String file, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("generate"));
    if (!Arrays.asList(more).contains("--like")) {
      arguments.addAll(
          List.of("a <bright> circle", "--steps", "2", "--frames", "2", "--seed", "3"));
    }
    arguments.addAll(List.of("--json", "-q", "-o", in(file)));
    arguments.addAll(List.of(more));
    Commands.Outcome outcome = t2v(arguments.toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return JSON.std.mapFrom(outcome.out());
  }

  private String in(String file) {
    return folder.resolve(file).toString();
  }
}
