package io.t2v.internal.unet3d;

import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.BlockListener;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A prediction as a graph of the device's kernels, with the tensors that it reads and writes. The
 * network's weights have to stay where they were. For one thread at a time.
 *
 * @param blocks of the network, for progress
 */
record RecordedPrediction(
    NativePool pool,
    Tensor latents,
    Tensor time,
    List<Tensor> text,
    Tensor predicted,
    DeviceGraph graph,
    int blocks)
    implements AutoCloseable {
  /** Records a prediction, without computing it. */
  static RecordedPrediction of(
      TextPredictor network,
      Tensor latents,
      Tensor time,
      List<Tensor> text,
      int blocks,
      DeviceGraph.Recorder device) {
    NativePool pool = new NativePool();
    try (TensorScope scope = TensorScope.open()) {
      Tensor ownLatents = pool.adopt(latents.clone());
      Tensor ownTime = pool.adopt(time.clone());
      List<Tensor> ownText = text.stream().map(layer -> pool.adopt(layer.clone())).toList();
      Tensor[] predicted = new Tensor[1];
      DeviceGraph graph =
          device.record(
              () ->
                  predicted[0] =
                      network.predict(ownLatents, ownTime, ownText, BlockListener.none()));
      return new RecordedPrediction(
          pool, ownLatents, ownTime, ownText, pool.adopt(predicted[0]), graph, blocks);
    } catch (RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  /** Predicts from another text from now on, of the same shapes. */
  void useText(List<Tensor> nextText) {
    for (int i = 0; i < text.size(); i++) {
      text.get(i).copy_(nextText.get(i));
    }
  }

  /** Predicts; the result is of the innermost open scope. */
  Tensor replay(Tensor nextLatents, Tensor nextTime) {
    latents.copy_(nextLatents);
    time.copy_(nextTime);
    graph.replay();
    return predicted.clone();
  }

  @Override
  public void close() {
    try {
      pool.close();
    } finally {
      graph.close();
    }
  }
}
