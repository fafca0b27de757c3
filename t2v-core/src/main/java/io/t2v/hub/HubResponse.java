package io.t2v.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A server's response, whose body is still to be read.
 *
 * @param address of the server that responded, after redirects
 * @param status the status code
 * @param headers of the response
 * @param body to be read and closed
 */
record HubResponse(URI address, int status, HttpHeaders headers, ResponseBody body)
    implements AutoCloseable {
  boolean isRedirect() {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  Optional<String> header(String name) {
    return headers.firstValue(name).map(String::strip).filter(value -> !value.isEmpty());
  }

  OptionalLong longHeader(String name) {
    try {
      return headers.firstValueAsLong(name);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Where it redirects to, as an absolute address.
   *
   * @throws HubException if that is none
   */
  URI redirectTarget() {
    String location = header("Location").orElse("");
    try {
      URI target = address.resolve(location);
      if (!location.isEmpty() && Urls.isWeb(target) && target.getHost() != null) {
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
