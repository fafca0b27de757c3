package io.t2v.gpucheck;

import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention among 16 frames of each pixel by each of libtorch's kernels, and as two products: which
 * is the fastest, and whether they agree. The size is that of the UNet's outermost level.
 */
record AttentionKernelsCheck(Subject subject) implements Check.Work {
  private static final int FRAMES = 16;
  private static final int HEADS = 5;
  private static final int HEAD_DIM = 64;
  private static final int PIXELS = 2048;
  private static final int FEW_PIXELS = 4;
  private static final int CALLS = 20;
  private static final double SAME = 5e-3;

  /** By name of the kernel, which switches turn on: flash, memory-efficient, cuDNN's, plain. */
  private static final Map<String, boolean[]> KERNELS = kernels();

  private static Map<String, boolean[]> kernels() {
    Map<String, boolean[]> kernels = new LinkedHashMap<>();
    kernels.put("libtorchsChoice", new boolean[] {true, true, true, true});
    kernels.put("flash", new boolean[] {true, false, false, false});
    kernels.put("efficient", new boolean[] {false, true, false, false});
    kernels.put("cudnn", new boolean[] {false, false, true, false});
    kernels.put("math", new boolean[] {false, false, false, true});
    return kernels;
  }

  @Override
  public void run(Findings findings) {
    // It loads the natives with the settings that the library gives them.
    try (TextToVideoPipeline pipeline = subject.onDevice().build()) {
      findings.figure("threads", pipeline.threads());
    }
    try (PointerScope modes = new PointerScope()) {
      new InferenceMode(true);
      try (PointerScope scope = new PointerScope()) {
        measure(findings);
      } finally {
        use(KERNELS.values().iterator().next());
      }
    }
  }

  private void measure(Findings findings) {
    boolean onCpu = subject.lab().device().isCpu();
    torch.manual_seed(0);
    Tensor numbers = torch.randn(3, FRAMES, onCpu ? FEW_PIXELS : PIXELS, HEADS, HEAD_DIM);
    Tensor all = numbers.to(device(), onCpu ? ScalarType.Float : ScalarType.Half);
    Tensor query = all.select(0, 0).permute(1, 2, 0, 3);
    Tensor key = all.select(0, 1).permute(1, 2, 0, 3);
    Tensor value = all.select(0, 2).permute(1, 2, 0, 3);
    Tensor products = products(query, key, value);
    findings.figure("productsMicros", micros(() -> products(query, key, value)));
    KERNELS.forEach(
        (name, switches) -> {
          use(switches);
          Tensor fused;
          try {
            fused = torch.scaled_dot_product_attention(query, key, value);
          } catch (RuntimeException e) {
            findings.figure(name, "refused: " + e.toString().lines().findFirst().orElse(""));
            return;
          }
          findings.figure(
              name + "Micros", micros(() -> torch.scaled_dot_product_attention(query, key, value)));
          findings.atMost("error of products against " + name, error(products, fused), SAME);
        });
  }

  private Device device() {
    ComputeDevice device = subject.lab().device();
    return switch (device.kind()) {
      case CUDA -> new Device(DeviceType.CUDA, (byte) device.index());
      case MPS -> new Device(DeviceType.MPS, (byte) device.index());
      case CPU, AUTO -> new Device(DeviceType.CPU);
    };
  }

  private static void use(boolean[] switches) {
    Context context = torch.globalContext();
    context.setSDPUseFlash(switches[0]);
    context.setSDPUseMemEfficient(switches[1]);
    context.setSDPUseCuDNN(switches[2]);
    context.setSDPUseMath(switches[3]);
  }

  private static Tensor products(Tensor query, Tensor key, Tensor value) {
    Tensor scores =
        query.reshape(-1, FRAMES, HEAD_DIM).bmm(key.reshape(-1, FRAMES, HEAD_DIM).transpose(1, 2));
    Tensor weights = scores.mul_(new Scalar(1 / Math.sqrt(HEAD_DIM))).softmax(-1);
    return weights.bmm(value.reshape(-1, FRAMES, HEAD_DIM)).view(-1, HEADS, FRAMES, HEAD_DIM);
  }

  private static double error(Tensor found, Tensor expected) {
    Tensor difference = found.to(ScalarType.Float).sub(expected.to(ScalarType.Float));
    return difference.abs().max().item_double() / expected.abs().max().item_double();
  }

  /** Of a call: reading a number waits for all of them. */
  private static double micros(Supplier<Tensor> work) {
    long start = 0;
    for (int i = 0; i <= CALLS; i++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor result = work.get();
        if (i == 0 || i == CALLS) {
          result.select(0, 0).select(0, 0).select(0, 0).select(0, 0).item_double();
        }
        if (i == 0) {
          start = System.nanoTime();
        }
      }
    }
    return (System.nanoTime() - start) / 1e3 / CALLS;
  }
}
