package io.t2v.spark;

import io.t2v.ffmpeg.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Makes tables of prompts, and looks at what became of them. */
final class Tables {
  private static final StructType PROMPTS =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("prompt", DataTypes.StringType)
          .add("steps", DataTypes.IntegerType)
          .add("frames", DataTypes.IntegerType)
          .add("guidanceScale", DataTypes.DoubleType)
          .add("seed", DataTypes.LongType);

  private Tables() {}

  /** A row of two frames in one step, without guidance and seed. */
  static Row row(long id, String prompt) {
    return RowFactory.create(id, prompt, 1, 2, 1.0, null);
  }

  static Dataset<Row> of(SparkSession spark, List<Row> rows) {
    return spark.createDataFrame(rows, PROMPTS);
  }

  /** Names of the videos in a folder, all of which can be decoded, and nothing else is there. */
  static List<String> videos(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.filter(file -> !file.toString().endsWith(".crc")).sorted().toList();
      for (Path file : all) {
        int frames = VideoReader.create().read(file).frameCount();
        if (frames != 2) {
          throw new AssertionError(file + " has " + frames + " frames");
        }
      }
      return all.stream().map(file -> file.getFileName().toString()).toList();
    }
  }
}
