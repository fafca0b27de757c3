package io.t2v;

import io.t2v.internal.torch.TensorScope;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a run begins, and where it is saved.
 *
 * @param resumed what an earlier process has done of it
 * @param file which is replaced after each step
 * @param settings for the file, if it is saved
 */
record RunSaving(Optional<SavedRun> resumed, Optional<Path> file, Optional<RunSettings> settings) {
  /** How many steps are done already. */
  int stepsDone() {
    return resumed.map(SavedRun::step).orElse(0);
  }

  /** Saves a run after a step, if it is to be saved. */
  void save(SavedRun.Progress after, RunState state, Tensor latents) {
    if (file.isPresent()) {
      try (TensorScope scope = TensorScope.open()) {
        SavedRun.write(file.orElseThrow(), after, settings.orElseThrow(), state.stateDict(latents));
      }
    }
  }
}
