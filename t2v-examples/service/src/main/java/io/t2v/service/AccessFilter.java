package io.t2v.service;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets requests in that may come in. Pages of other sites may not use the service through a browser
 * that can reach it: neither under a name of their own that leads to this machine, nor by forms.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class AccessFilter extends OncePerRequestFilter {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
          + " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  private final Access access;
  private final List<String> allowedHosts;
  private final ApiErrors errors;

  AccessFilter(Access access, ServiceProperties properties, ApiErrors errors) {
    this.access = access;
    this.allowedHosts = properties.allowedHosts();
    this.errors = errors;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    if (!access.needsToken() && !allowedHosts.contains(host(request))) {
      errors.write(
          response,
          ApiException.of(
              HttpStatus.FORBIDDEN,
              "host_not_allowed",
              "The service is not called by this name; see t2v.service.allowed-hosts."));
    } else if (comesFromAnotherSite(request)) {
      errors.write(
          response,
          ApiException.of(
              HttpStatus.FORBIDDEN, "other_site", "A page of another site sent this request."));
    } else if (isProtected(request) && !access.allows(request)) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      errors.write(
          response,
          ApiException.of(
              HttpStatus.UNAUTHORIZED,
              "invalid_api_key",
              "This service needs its token: Authorization: Bearer …"));
    } else {
      chain.doFilter(request, response);
    }
  }

  /** The name in the request, without its port. */
  private static String host(HttpServletRequest request) {
    return request.getServerName().toLowerCase(Locale.ROOT);
  }

  private static boolean comesFromAnotherSite(HttpServletRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin != null && !authority(origin).equals(request.getHeader(HttpHeaders.HOST));
  }

  private static String authority(String origin) {
    try {
      @Nullable String authority = URI.create(origin).getAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** The page itself holds nothing, and probes have to reach the health. */
  private static boolean isProtected(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.startsWith("/v1/")
        || (path.startsWith("/actuator") && !path.startsWith("/actuator/health"));
  }
}
