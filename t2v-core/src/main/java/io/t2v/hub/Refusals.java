package io.t2v.hub;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;

/**
 * Says in words why a hub did not do what it was asked to.
 *
 * @param endpoint the hub's address
 * @param model the model's name
 * @param hasToken whether a token was sent
 */
record Refusals(URI endpoint, String model, boolean hasToken) {
  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  /**
   * Takes any answer that is no error. A range that does not exist is the caller's to handle.
   *
   * @param what was asked for
   * @throws PassingFailure if it may work a little later
   * @throws HubException if it will not
   */
  void check(Answer answer, String what) throws PassingFailure {
    int status = answer.status();
    if (status < 400 || status == 416) {
      return;
    }
    if (PASSING.contains(status)) {
      throw new PassingFailure(
          answer.address().getHost() + " answered " + status, retryAfter(answer));
    }
    String code = answer.header("X-Error-Code").orElse("");
    String said = answer.header("X-Error-Message").map(text -> " The hub says: " + text).orElse("");
    throw new HubException(reason(status, code, what) + said);
  }

  private String reason(int status, String code, String what) {
    if (code.equals("GatedRepo")) {
      return model
          + " is open to those only who agreed to its terms: do so at "
          + endpoint
          + "/"
          + model
          + (hasToken ? " with the account of the token." : ", and give a token (HF_TOKEN).");
    }
    return switch (status) {
      case 401 ->
          hasToken
              ? endpoint + " refused the token, or it does not open " + model + "."
              : endpoint
                  + " has no model "
                  + model
                  + ", or it is private: check the name; a private model needs a token.";
      case 403 -> endpoint + " forbids access to " + what + " of " + model + tokenHint();
      case 404 -> missing(code, what);
      default -> endpoint + " answered " + status + " for " + what + " of " + model + ".";
    };
  }

  private String tokenHint() {
    return hasToken ? ": the token lacks the right to read it." : ": it may need a token.";
  }

  private String missing(String code, String what) {
    return switch (code) {
      case "RevisionNotFound" ->
          model + " has no such branch, tag or commit on " + endpoint + ": " + what + ".";
      case "EntryNotFound" -> model + " has no file " + what + " on " + endpoint + ".";
      default ->
          endpoint + " has no " + what + " of " + model + ": check the name and the revision.";
    };
  }

  /** In seconds, or as a date. */
  private static Optional<Duration> retryAfter(Answer answer) {
    return answer
        .header("Retry-After")
        .flatMap(
            text -> {
              try {
                return Optional.of(Duration.ofSeconds(Math.max(0, Long.parseLong(text))));
              } catch (NumberFormatException e) {
                return untilDate(text);
              }
            });
  }

  private static Optional<Duration> untilDate(String text) {
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration until = Duration.between(Instant.now(), date);
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
