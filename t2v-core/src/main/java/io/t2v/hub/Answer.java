package io.t2v.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A server's answer, whose body is still on its way.
 *
 * @param address who answered, after redirects
 * @param status the status code
 * @param headers of the answer
 * @param body to be read and closed
 */
record Answer(URI address, int status, HttpHeaders headers, BodyReader body)
    implements AutoCloseable {
  boolean isRedirect() {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  Optional<String> header(String name) {
    return headers.firstValue(name).map(String::strip).filter(value -> !value.isEmpty());
  }

  OptionalLong number(String name) {
    try {
      return headers.firstValueAsLong(name);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Where it redirects to, as an absolute address. */
  URI target() {
    String location = header("Location").orElse("");
    try {
      URI target = address.resolve(location);
      if (!location.isEmpty() && Addresses.isWeb(target) && target.getHost() != null) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      // The message below says it all.
    }
    throw new HubException(address + " redirects to \"" + location + "\", which is no address.");
  }

  @Override
  public void close() {
    body.close();
  }
}
