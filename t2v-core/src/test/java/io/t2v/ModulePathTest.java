package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.ChildJvm;
import io.t2v.testing.GoldenModel;
import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples' plug-ins, a module that requires this library, are compiled, and run on the module
 * path: each kind of plug-in does from outside what it is for.
 */
class ModulePathTest {
  private static final String CORE = "io.t2v.core";

  /** Required statically, so that it takes part in compiling alone. */
  private static final String ANNOTATIONS = "org.jspecify";

  private static final Path PLUG_INS = Path.of("..", "t2v-examples", "plugins", "src/main/java");

  @TempDir Path folder;
  private String modulePath;
  private Path model;

  @BeforeEach
  void compilePlugIns() throws IOException {
    Path classes = folder.resolve("classes");
    modulePath = classes + File.pathSeparator + modulesOfTheLibrary();
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    List<String> arguments =
        new ArrayList<>(List.of("-d", classes.toString(), "--module-path", modulePath));
    try (Stream<Path> sources = Files.walk(PLUG_INS)) {
      sources.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    int status = javac.run(System.out, System.err, arguments.toArray(new String[0]));
    assertThat(status).isZero();
    model = GoldenModel.write("one-level", folder.resolve("model"));
  }

  /** What the library requires, and the natives: not the tests' own dependencies. */
  private static String modulesOfTheLibrary() {
    ModuleFinder finder =
        ModuleFinder.of(
            Stream.of(ChildJvm.classPath().split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(entry -> !entry.endsWith("test-classes"))
                .filter(Files::exists)
                .toArray(Path[]::new));
    Configuration required =
        ModuleLayer.boot()
            .configuration()
            .resolve(finder, ModuleFinder.of(), Set.of(CORE, ANNOTATIONS));
    String natives = "." + Loader.getPlatform().replace('-', '.');
    return Stream.concat(
            required.modules().stream().map(ResolvedModule::reference),
            finder.findAll().stream()
                .filter(module -> module.descriptor().name().endsWith(natives)))
        .map(ModuleReference::location)
        .map(location -> Path.of(location.orElseThrow()).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private String run(List<String> options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(options);
    command.addAll(
        List.of(
            "--module-path",
            modulePath,
            "-m",
            "io.t2v.plugins/io.t2v.plugins.PlugInTour",
            model.toString()));
    return ChildJvm.run(folder, command).output();
  }

  @Test
  void everyPlugInDoesWhatItIsFor() throws Exception {
    assertThat(run(List.of("--add-modules", "ALL-MODULE-PATH")))
        .contains(
            "denoiser: 2 calls, same plan true, same frames true, same moves true",
            "text encoder: cut off \"panda\"",
            "text of each frame: changes frames true",
            "guidance: repeats true, changes frames true",
            "constraint: first frame held true, second free true",
            "encoder: gives the video back true",
            "filter: the prompt has the word \"war\"");
  }

  @Test
  void saysThatNoModuleRequiresTheNatives() throws Exception {
    assertThat(run(List.of())).contains("start Java with --add-modules ALL-MODULE-PATH");
  }
}
