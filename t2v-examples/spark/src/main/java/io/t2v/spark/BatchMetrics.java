package io.t2v.spark;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * What a batch has done so far. Shown by Spark's page for each stage, too. Attempts that fail leave
 * what they counted out; an executor that is lost after it finished a task may have it counted
 * twice.
 *
 * @param generated videos that were computed
 * @param kept videos that were there already
 * @param failed rows with an error
 * @param opened pipelines that were loaded: one an executor, if all is well
 * @param seconds spent on generating, all tasks together
 */
public record BatchMetrics(
    LongAccumulator generated,
    LongAccumulator kept,
    LongAccumulator failed,
    LongAccumulator opened,
    DoubleAccumulator seconds)
    implements Serializable {
  /**
   * Starts to count.
   *
   * @param context of the application
   * @return all zero
   */
  public static BatchMetrics in(SparkContext context) {
    return new BatchMetrics(
        context.longAccumulator("videos generated"),
        context.longAccumulator("videos kept"),
        context.longAccumulator("rows failed"),
        context.longAccumulator("pipelines opened"),
        context.doubleAccumulator("seconds of generating"));
  }
}
