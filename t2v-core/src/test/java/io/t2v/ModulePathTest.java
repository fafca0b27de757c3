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

/** A module that requires this library is compiled, and run on the module path. */
class ModulePathTest {
  private static final String CORE = "io.t2v.core";

  /** Required statically, so that it takes part in compiling alone. */
  private static final String ANNOTATIONS = "org.jspecify";

  @TempDir Path folder;
  private String modulePath;
  private Path model;

  @BeforeEach
  void compileConsumer() throws IOException {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    Path module =
        Files.writeString(
            sources.resolve("module-info.java"), "module consumer { requires io.t2v.core; }");
    Path main =
        Files.writeString(
            sources.resolve("Main.java"),
            """
            package consumer;

            import io.t2v.GenerationRequest;
            import io.t2v.TextToVideoPipeline;
            import java.nio.file.Path;

            public final class Main {
              public static void main(String[] arguments) {
                try (TextToVideoPipeline pipeline =
                    TextToVideoPipeline.builder()
                        .checkpoint(Path.of(arguments[0])).threads(1).build()) {
                  System.out.println(
                      pipeline.generate(
                          GenerationRequest.builder("x").steps(1).frames(2).seed(1).build()));
                } catch (IllegalStateException e) {
                  System.out.println(e.getMessage());
                }
              }
            }
            """);
    Path classes = folder.resolve("classes");
    modulePath = classes + File.pathSeparator + modulesOfTheLibrary();
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    int status =
        javac.run(
            System.out,
            System.err,
            "-d",
            classes.toString(),
            "--module-path",
            modulePath,
            module.toString(),
            main.toString());
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
        List.of("--module-path", modulePath, "-m", "consumer/consumer.Main", model.toString()));
    return ChildJvm.run(folder, command).output();
  }

  @Test
  void generatesWithTheNativesAsRootModules() throws Exception {
    assertThat(run(List.of("--add-modules", "ALL-MODULE-PATH"))).contains("2 frames");
  }

  @Test
  void saysThatNoModuleRequiresTheNatives() throws Exception {
    assertThat(run(List.of())).contains("start Java with --add-modules ALL-MODULE-PATH");
  }
}
