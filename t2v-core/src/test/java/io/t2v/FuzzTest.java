package io.t2v;

import io.t2v.hub.HubAnswersFuzz;
import io.t2v.internal.adapter.AdaptersFuzz;
import io.t2v.internal.clip.LearnedWordsFuzz;
import io.t2v.internal.clip.TextsFuzz;
import io.t2v.internal.clip.TokenizersFuzz;
import io.t2v.internal.files.ConfigsFuzz;
import io.t2v.internal.files.JsonFuzz;
import io.t2v.internal.files.PicklesFuzz;
import io.t2v.internal.files.SafetensorsFuzz;
import io.t2v.internal.files.WeightFilesFuzz;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.Fuzzing;
import io.t2v.text.PromptsFuzz;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a file, a text or an answer, readers fail as docs/security.md says, or read. */
class FuzzTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      classes = {
        SafetensorsFuzz.class,
        PicklesFuzz.class,
        WeightFilesFuzz.class,
        JsonFuzz.class,
        ConfigsFuzz.class,
        TokenizersFuzz.class,
        TextsFuzz.class,
        PromptsFuzz.class,
        RequestsFuzz.class,
        AdaptersFuzz.class,
        LearnedWordsFuzz.class,
        SavedRunsFuzz.class,
        WatermarksFuzz.class,
        HubAnswersFuzz.class,
        BuildsFuzz.class
      })
  void readsOrRefusesAnyInput(Class<? extends FuzzedReader> reader) throws Exception {
    Fuzzing.assertNothingBreaks(reader, folder);
  }
}
