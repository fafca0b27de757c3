package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.contract.TextEncoderContract;
import io.t2v.contract.Unet3dDenoiserContract;
import io.t2v.contract.VaeDecoderContract;
import io.t2v.contract.VaeEncoderContract;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks of the library keep the contracts of those that replace them. */
class OwnNetworksContractTest {
  @TempDir Path folder;

  static Stream<OffloadPolicy> policies() {
    return Stream.of(OffloadPolicy.none(), OffloadPolicy.disk());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void keepTheirContracts(OffloadPolicy policy) {
    int[] checked = {0};
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(GoldenModel.write("one-level", folder))
            .offload(policy)
            .threads(1)
            .textEncoder(
                own -> {
                  TextEncoderContract.of(own).check();
                  checked[0]++;
                  return own;
                })
            .denoiser(
                own -> {
                  Unet3dDenoiserContract.of(own).check();
                  checked[0]++;
                  return own;
                })
            .vaeDecoder(
                own -> {
                  VaeDecoderContract.of(own).check();
                  checked[0]++;
                  return own;
                })
            .vaeEncoder(
                own -> {
                  VaeEncoderContract.of(own, 4, 1).check();
                  checked[0]++;
                  return own;
                })
            .build()) {
      assertThat(checked).containsExactly(4);
    }
  }
}
