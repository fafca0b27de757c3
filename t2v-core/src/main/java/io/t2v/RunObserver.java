package io.t2v;

/**
 * Callbacks of a run. All are called by the thread that computes.
 *
 * @param listener is told of progress
 * @param previewer shows the steps
 * @param cancellationCheck throws when the run is to end
 */
record RunObserver(ProgressListener listener, Previewer previewer, Runnable cancellationCheck) {}
