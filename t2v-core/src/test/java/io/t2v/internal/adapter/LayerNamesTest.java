package io.t2v.internal.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Orders and names of layers, against those of the reference's networks. */
class LayerNamesTest {
  private static final String WEIGHT = ".weight";

  @Test
  void theOrderIsThatOfNamedModules() {
    Map<String, List<String>> orders = new LinkedHashMap<>();
    for (String line : lines("adapters/orders.txt.gz")) {
      String[] modelAndLayer = line.split(" ", 2);
      orders.computeIfAbsent(modelAndLayer[0], model -> new ArrayList<>()).add(modelAndLayer[1]);
    }
    assertThat(orders.get("four-levels")).hasSize(574);
    assertThat(orders.get("guidance-embedding")).hasSize(1 + orders.get("one-level").size());
    orders.forEach(
        (model, expected) -> {
          List<String> shuffled = new ArrayList<>(expected);
          Collections.shuffle(shuffled, new Random(1));
          shuffled.sort(LayerOrder.CURRENT);
          assertThat(shuffled).as(model).isEqualTo(expected);
        });
  }

  /** The counts of Text-To-Video-Finetuning's and of MotionDirector's lists, by their code. */
  @Test
  void thePublishedModelHasAsManyLayersAsTrainersList() {
    List<String> layers =
        lines("adapters/orders.txt.gz").stream()
            .filter(line -> line.startsWith("four-levels "))
            .map(line -> line.substring("four-levels ".length()))
            .toList();
    Predicate<String> temporal =
        layer -> layer.startsWith("transformer_in.") || layer.contains("temp_attentions.");
    Predicate<String> inBlocks = layer -> layer.contains("transformer_blocks.");
    assertThat(layers.stream().filter(inBlocks.and(temporal))).hasSize(170);
    assertThat(
            layers.stream()
                .filter(inBlocks.and(temporal.negate()))
                .filter(layer -> !layer.contains(".attn2.")))
        .hasSize(96);
  }

  /** Of the published model, whose both names stand in files of ModelScope and of diffusers. */
  @Test
  void knowsTheOriginalNameOfEveryLayer() {
    Map<String, String> original = new LinkedHashMap<>();
    Set<String> layers = new LinkedHashSet<>();
    for (String line : lines("modelscope/full-size-unet-names.tsv.gz")) {
      String[] names = line.split("\t");
      if (names[1].endsWith(WEIGHT) && !names[1].contains("norm")) {
        original.put(layer(names[1]), layer(names[0]));
        layers.add(layer(names[1]));
      }
    }
    OriginalNames names = new OriginalNames(layers);
    assertThat(original).hasSizeGreaterThanOrEqualTo(574);
    original.forEach((layer, name) -> assertThat(names.ofUnet(layer)).isEqualTo(name));
  }

  private static String layer(String parameter) {
    return parameter.substring(0, parameter.length() - WEIGHT.length());
  }

  private static List<String> lines(String resource) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Resources.getResource("golden/" + resource).openStream()),
                StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
