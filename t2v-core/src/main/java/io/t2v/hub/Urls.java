package io.t2v.hub;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Makes, checks and compares URLs on hubs. */
final class Urls {
  private Urls() {}

  /**
   * Checks a hub's address, and takes slashes from its end.
   *
   * @throws IllegalArgumentException if it is no address of a web server
   */
  static URI endpoint(URI address) {
    boolean usable =
        isWeb(address)
            && address.getHost() != null
            && address.getRawQuery() == null
            && address.getRawFragment() == null
            && address.getRawUserInfo() == null;
    if (!usable) {
      throw new IllegalArgumentException(
          "endpoint is " + address + ", expected an address such as https://huggingface.co");
    }
    return URI.create(address.toString().replaceAll("/+$", ""));
  }

  /** Escapes one part of a path or a query, its separators included. */
  static String escape(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Escapes a path, but for its slashes. */
  static String escapePath(String path) {
    return Arrays.stream(path.split("/", -1)).map(Urls::escape).collect(Collectors.joining("/"));
  }

  /** Whether two addresses are of the same server: scheme, host and port agree. */
  static boolean sameServer(URI a, URI b) {
    return server(a).equals(server(b));
  }

  static boolean isWeb(URI address) {
    return "https".equalsIgnoreCase(address.getScheme())
        || "http".equalsIgnoreCase(address.getScheme());
  }

  static boolean isEncrypted(URI address) {
    return "https".equalsIgnoreCase(address.getScheme());
  }

  private static String server(URI address) {
    int port = address.getPort();
    if (port < 0) {
      port = isEncrypted(address) ? 443 : 80;
    }
    return (address.getScheme() + "://" + address.getHost() + ":" + port).toLowerCase(Locale.ROOT);
  }
}
