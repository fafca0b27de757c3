import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Checks that an empty project with the BOM, two dependencies and the README's lines makes a video,
 * from a local repository alone. Run it in the repository's root after {@code mvn verify}; Linux on
 * x86-64, as the README's snippet.
 *
 * <pre>
 * java docs/checks/EmptyProject.java
 * </pre>
 */
public final class EmptyProject {
  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final String PLATFORM = "linux-x86_64";
  private static final String MINI_MODEL =
      "t2v-examples/mini-model/src/main/resources/io/t2v/minimodel/model";

  private EmptyProject() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("t2v-empty-project-");
    try {
      Path repository = repository(folder.resolve("repository"));
      Path project = project(folder.resolve("project"));
      run(project, "mvn", "-B", "-o", "-q", "-Dmaven.repo.local=" + repository,
          "compiler:compile", "dependency:build-classpath", "-Dmdep.outputFile=class-path.txt");
      String classPath = Files.readString(project.resolve("class-path.txt")).strip();
      run(project, Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-cp", "target/classes:" + classPath, "Panda");
      long size = Files.size(project.resolve("panda.mp4"));
      System.out.println("An empty project made a video of " + size + " bytes.");
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The user's local repository, with the artifacts that were just built in place of its own. */
  private static Path repository(Path to) throws IOException {
    Path from = Path.of(System.getProperty("user.home"), ".m2", "repository");
    Path own = from.resolve("io/t2v");
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (folder.equals(own)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(file));
            try {
              Files.createLink(copy, file);
            } catch (IOException | UnsupportedOperationException e) {
              Files.copy(file, copy);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    install(to, "t2v-parent", Path.of("."), false);
    install(to, "t2v-core", Path.of("t2v-core"), true);
    install(to, "t2v-ffmpeg", Path.of("t2v-ffmpeg"), true);
    install(to, "t2v-examples", Path.of("t2v-examples"), false);
    install(to, "t2v-bom", Path.of("t2v-examples/bom"), false);
    install(to, "t2v-natives", Path.of("t2v-examples/natives"), false);
    install(to, "t2v-natives-" + PLATFORM, Path.of("t2v-examples/natives", PLATFORM), false);
    return to;
  }

  private static void install(Path repository, String name, Path module, boolean jar)
      throws IOException {
    Path folder = Files.createDirectories(repository.resolve("io/t2v/" + name + "/" + VERSION));
    String file = name + "-" + VERSION;
    Files.copy(module.resolve("pom.xml"), folder.resolve(file + ".pom"));
    if (jar) {
      Files.copy(module.resolve("target/" + file + ".jar"), folder.resolve(file + ".jar"));
    }
  }

  private static Path project(Path folder) throws IOException {
    Path sources = Files.createDirectories(folder.resolve("src/main/java"));
    String readme = Files.readString(Path.of("README.md"));
    String use = readme.substring(readme.indexOf("## Use it"));
    Files.writeString(
        folder.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>empty</groupId>
          <artifactId>empty</artifactId>
          <version>1</version>
          <properties>
            <maven.compiler.release>17</maven.compiler.release>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
        """
            + block(use, "xml")
            + "  <build><pluginManagement><plugins>"
            + plugin("maven-compiler-plugin")
            + plugin("maven-dependency-plugin")
            + "</plugins></pluginManagement></build>\n</project>\n");
    Files.writeString(
        sources.resolve("Panda.java"),
        "import io.t2v.*;\nimport io.t2v.ffmpeg.*;\nimport io.t2v.scheduler.*;\nimport java.nio.file.*;\n"
            + "class Panda { public static void main(String[] arguments) throws Exception {\n"
            + block(use, "java")
                .replace(
                    "Path.of(\"text-to-video-ms-1.7b\")",
                    "Path.of(\"" + Path.of(MINI_MODEL).toAbsolutePath() + "\")")
                .replace(".steps(25)", ".steps(2)")
                .replace(".size(256, 256)", ".size(64, 64)")
            + "}}\n");
    return folder;
  }

  private static String block(String text, String language) {
    Matcher matcher =
        Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL).matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("the README has no " + language + " under Use it");
    }
    return matcher.group(1);
  }

  /** The version that the build uses, which is in the local repository. */
  private static String plugin(String name) throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>" + name + "</artifactId>\\s*<version>([^<]*)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    if (!version.find()) {
      throw new IllegalStateException("pom.xml names no version of " + name);
    }
    return "<plugin><artifactId>" + name + "</artifactId><version>" + version.group(1)
        + "</version></plugin>";
  }

  private static void run(Path folder, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    int code = new ProcessBuilder(words).directory(folder.toFile()).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", words) + " ended with " + code);
    }
  }
}
