package io.t2v.unet;

import static org.assertj.core.api.Assertions.assertThatNoException;

import java.lang.reflect.Method;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A default of the interface must not stand for what the wrapped denoiser says. */
class ForwardingDenoiserTest {
  static Method[] methodsOfDenoisers() {
    return Unet3dDenoiser.class.getDeclaredMethods();
  }

  @ParameterizedTest
  @MethodSource("methodsOfDenoisers")
  void forwards(Method method) {
    assertThatNoException()
        .isThrownBy(
            () ->
                ForwardingDenoiser.class.getDeclaredMethod(
                    method.getName(), method.getParameterTypes()));
  }
}
