package io.t2v.service;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A request that is answered with an error in OpenAI's shape. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient HttpStatus status;
  private final @Nullable String parameter;
  private final String code;
  private final long retryAfterSeconds;

  private ApiException(
      HttpStatus status,
      String code,
      @Nullable String parameter,
      String message,
      long retryAfterSeconds) {
    super(message);
    this.status = status;
    this.code = code;
    this.parameter = parameter;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** A parameter's value is wrong. */
  static ApiException invalid(String parameter, String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, "invalid_value", parameter, message, 0);
  }

  /** Wrong in any other way. */
  static ApiException of(HttpStatus status, String code, String message) {
    return new ApiException(status, code, null, message, 0);
  }

  /** Right, but not now. */
  static ApiException later(HttpStatus status, String code, String message, long seconds) {
    return new ApiException(status, code, null, message, seconds);
  }

  HttpStatus status() {
    return status;
  }

  @Nullable String parameter() {
    return parameter;
  }

  String code() {
    return code;
  }

  /** 0 for errors that stay. */
  long retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
