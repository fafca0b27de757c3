package io.t2v.service;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Gives the page a cookie for the token: its video, pictures and events cannot send a header. */
@RestController
final class SessionController {
  private final Access access;

  SessionController(Access access) {
    this.access = access;
  }

  /**
   * What the page sends.
   *
   * @param token that somebody typed
   */
  record Login(@Nullable String token) {}

  @PostMapping("/session")
  ResponseEntity<Void> login(@RequestBody Login login, HttpServletRequest request) {
    if (login.token() == null || !access.isToken(login.token())) {
      throw ApiException.of(HttpStatus.UNAUTHORIZED, "invalid_api_key", "That is not the token.");
    }
    ResponseCookie cookie =
        ResponseCookie.from(Access.COOKIE, access.session())
            .httpOnly(true)
            .secure(request.isSecure())
            .sameSite("Strict")
            .path("/")
            .build();
    return ResponseEntity.noContent().header(HttpHeaders.SET_COOKIE, cookie.toString()).build();
  }
}
