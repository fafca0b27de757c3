package io.t2v.service;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Who may use the service. With a token, who sends it, or has the cookie that the page gets for it;
 * without one, who is on this machine.
 */
@Component
final class Access {
  /** Set for a browser that has sent the token; not readable by scripts. */
  static final String COOKIE = "t2v_session";

  private static final String BEARER = "Bearer ";
  private static final int SESSION_BYTES = 32;

  private final @Nullable String token;
  private final String session = newSession();

  Access(ServiceProperties properties, Environment environment) throws UnknownHostException {
    token = properties.token();
    String address = environment.getProperty("server.address");
    if (token == null && (address == null || !InetAddress.getByName(address).isLoopbackAddress())) {
      throw new IllegalStateException(
          "server.address is "
              + (address == null ? "every address of this machine" : address)
              + ", but there is no t2v.service.token: set one, or stay on 127.0.0.1");
    }
  }

  private static String newSession() {
    byte[] bytes = new byte[SESSION_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  boolean needsToken() {
    return token != null;
  }

  /** What the cookie holds until this process ends. */
  String session() {
    return session;
  }

  boolean isToken(String text) {
    return token != null && same(token, text);
  }

  boolean allows(HttpServletRequest request) {
    if (token == null) {
      return true;
    }
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null && header.startsWith(BEARER)) {
      return isToken(header.substring(BEARER.length()).strip());
    }
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(COOKIE) && same(session, cookie.getValue())) {
          return true;
        }
      }
    }
    return false;
  }

  /** Takes the same time wherever they differ. */
  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
