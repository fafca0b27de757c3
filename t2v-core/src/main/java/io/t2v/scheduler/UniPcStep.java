package io.t2v.scheduler;

/** The weights of a step of UniPC, in single precision as in the reference. */
final class UniPcStep {
  private final float ofLatents;
  private final float ofStart;
  private final float ofDifferences;
  private final int order;

  /** Where earlier outputs lie, in widths of the step; the last is 1: the end of the step. */
  private final float[] places;

  /** Right sides of the order conditions. */
  private final float[] conditions;

  UniPcStep(LogSnr to, LogSnr from, LogSnr[] earlier, boolean predictsX0, UniPcSolverType type) {
    float h = to.lambda() - from.lambda();
    float hh = predictsX0 ? -h : h;
    float phi1 = (float) Math.expm1(hh);
    float bh = type == UniPcSolverType.BH1 ? hh : phi1;
    float scale = predictsX0 ? to.alpha() : to.sigma();
    ofLatents = predictsX0 ? to.sigma() / from.sigma() : to.alpha() / from.alpha();
    ofStart = -(scale * phi1);
    ofDifferences = -(scale * bh);
    order = earlier.length + 1;
    places = new float[order];
    for (int i = 0; i < earlier.length; i++) {
      places[i] = (earlier[i].lambda() - from.lambda()) / h;
    }
    places[order - 1] = 1;
    conditions = new float[order];
    float phi = phi1 / hh - 1;
    float factorial = 1;
    for (int i = 0; i < order; i++) {
      conditions[i] = phi * factorial / bh;
      factorial *= i + 2;
      phi = phi / hh - 1 / factorial;
    }
  }

  /** Goes on from the start of the step, without the output at its end. */
  UniPcUpdate predictor() {
    double[] rhos =
        switch (order) {
          case 1 -> new double[0];
          case 2 -> new double[] {0.5};
          default -> solved(order - 1);
        };
    return update(rhos, 0);
  }

  /** Goes from the start of the step again, with the output at its end. */
  UniPcUpdate corrector() {
    double[] rhos = order == 1 ? new double[] {0.5} : solved(order);
    return update(rhos, rhos[order - 1]);
  }

  private UniPcUpdate update(double[] rhos, double ofEnd) {
    double[] weights = new double[order + 1];
    weights[0] = ofEnd == 0 ? 0 : ofDifferences * ofEnd;
    weights[1] = ofStart - weights[0];
    for (int i = 0; i < order - 1; i++) {
      double weight = ofDifferences * rhos[i] / places[i];
      weights[i + 2] = weight;
      weights[1] -= weight;
    }
    return new UniPcUpdate(ofLatents, weights);
  }

  /**
   * Solves Σ rho_j place_j^i = condition_i for i below {@code size}, by elimination with pivots.
   */
  private double[] solved(int size) {
    double[][] rows = new double[size][size + 1];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        rows[i][j] = Math.pow(places[j], i);
      }
      rows[i][size] = conditions[i];
    }
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int i = column + 1; i < size; i++) {
        if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) {
          pivot = i;
        }
      }
      double[] row = rows[pivot];
      rows[pivot] = rows[column];
      rows[column] = row;
      for (int i = 0; i < size; i++) {
        if (i != column) {
          double factor = rows[i][column] / row[column];
          for (int j = column; j <= size; j++) {
            rows[i][j] -= factor * row[j];
          }
        }
      }
    }
    double[] solution = new double[size];
    for (int i = 0; i < size; i++) {
      solution[i] = rows[i][size] / rows[i][i];
    }
    return solution;
  }
}
