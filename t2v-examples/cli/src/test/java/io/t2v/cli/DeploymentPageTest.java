package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Dockerfile on the page on deployment copies what this project builds. */
class DeploymentPageTest {
  @Test
  void copiesTheJarThatThisProjectBuilds() throws IOException {
    Path root = root();
    Matcher copy =
        Pattern.compile("COPY (\\S+)/target/(\\S+)\\.jar ")
            .matcher(Files.readString(root.resolve("docs/deployment.md")));
    assertThat(copy.find()).isTrue();
    assertThat(root.resolve(copy.group(1)).resolve("pom.xml"))
        .content()
        .contains("<finalName>" + copy.group(2) + "</finalName>");
  }

  /** The root of this project. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/deployment.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
