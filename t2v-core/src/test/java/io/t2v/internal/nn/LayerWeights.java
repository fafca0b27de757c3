package io.t2v.internal.nn;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Random parameters of a single layer, in a file. */
record LayerWeights(TensorFiles files, TensorReader reader) implements AutoCloseable {
  static LayerWeights write(Path folder, Map<String, long[]> shapes) throws IOException {
    Files.writeString(
        folder.resolve("model_index.json"),
        """
        {"_class_name": "TextToVideoSDPipeline",
         "text_encoder": ["transformers", "CLIPTextModel"],
         "tokenizer": ["transformers", "CLIPTokenizer"],
         "unet": ["diffusers", "UNet3DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]}
        """);
    Path vae = Files.createDirectory(folder.resolve("vae"));
    RandomWeights.write(
        vae.resolve("diffusion_pytorch_model.safetensors"), shapes, shapes.size(), "F32");
    TensorFiles files = CheckpointFiles.open(folder).vaeWeights();
    return new LayerWeights(files, TensorReader.open(files));
  }

  Weights packed(NativePool pool) {
    return Weights.of(reader, Weights.Form.PACKED, ComputeConfig.cpu(), pool);
  }

  Weights inPlace(NativePool pool) {
    return Weights.of(reader, Weights.Form.IN_PLACE, ComputeConfig.cpu(), pool);
  }

  Weights of(Weights.Form form, NativePool pool) {
    return of(form, ComputeConfig.cpu(), pool);
  }

  Weights of(Weights.Form form, ComputeConfig compute, NativePool pool) {
    return Weights.of(reader, form, compute, pool);
  }

  /** Without content, for a device that need not be there. */
  Weights meta(ComputeConfig compute, NativePool pool) {
    return Weights.meta(files, Weights.Form.PACKED, compute, pool);
  }

  @Override
  public void close() {
    reader.close();
  }
}
