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
 * Turns a hub's error status into an exception that says what to do.
 *
 * @param endpoint the hub's address
 * @param model the model's name
 * @param hasToken whether a token was sent
 */
record ErrorTranslator(URI endpoint, String model, boolean hasToken) {
  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

  /**
   * Returns if the response is no error. Status 416, for a range that does not exist, is left to
   * the caller.
   *
   * @param what was asked for
   * @throws TransientException if the same request may succeed a little later
   * @throws HubException if it will not
   */
  void requireSuccess(HubResponse response, String what) throws TransientException {
    int status = response.status();
    if (status < 400 || status == 416) {
      return;
    }
    if (TRANSIENT.contains(status)) {
      throw new TransientException(
          response.address().getHost() + " answered " + status, retryAfter(response));
    }
    String code = response.header("X-Error-Code").orElse("");
    String said =
        response.header("X-Error-Message").map(text -> " The hub says: " + text).orElse("");
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
  private static Optional<Duration> retryAfter(HubResponse response) {
    return response
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
