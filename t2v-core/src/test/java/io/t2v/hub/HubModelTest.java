package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubModelTest {
  @ParameterizedTest
  @ValueSource(strings = {"ali-vilab/text-to-video-ms-1.7b", "a/b", "cerspense/zeroscope_v2_576w"})
  void takesNames(String name) {
    assertThat(HubModel.of(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "model", "./model", "../model", "/models/ms", "models/ms/1.7b", "a/..", "a/b..c",
        "a--b/c", "C:\\models", "a/b/", "a/.b", "a/b-", "a b/c", "~/model", "ä/é"
      })
  void refusesPathsAndWhatIsNoName(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HubModel.of(name))
        .withMessage(
            "\"%s\" is no name of a model, expected organisation/model; a folder is given as"
                + " Path.of(...)",
            name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../main", "a/../b", "/main", "a\\b", "refs//x", "x\n"})
  void refusesRevisionsThatLeadOut(String revision) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HubModel.builder("a/b").revision(revision))
        .withMessageContaining("expected a branch, a tag or a commit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror", "ftp://mirror", "file:/x", "https://u:p@host", "https://h?q"})
  void refusesAddressesThatAreNone(String endpoint) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HubModel.builder("a/b").endpoint(URI.create(endpoint)))
        .withMessageContaining("endpoint is " + endpoint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "line\nX-Header: 1"})
  void refusesTokensWithoutShowingThem(String token) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HubModel.builder("a/b").token(token))
        .withMessage("the token is empty, or holds blanks or line ends");
  }

  @Test
  void isNamedInWords() {
    assertThat(HubModel.of("a/b")).hasToString("a/b");
    assertThat(HubModel.builder("a/b").revision("v1").token("secret").build())
        .hasToString("a/b@v1");
  }

  @Test
  void refusesLimitsThatAreNone() {
    HubModel.Builder model = HubModel.builder("a/b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.minimumSpeed(0, Duration.ofSeconds(1)))
        .withMessage("bytesPerSecond is 0, expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.minimumSpeed(1, Duration.ofMillis(999)))
        .withMessage("window is PT0.999S, expected 1 second to 365 days");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.timeout(Duration.ZERO))
        .withMessage("timeout is PT0S, expected more than zero and at most 365 days");
  }
}
