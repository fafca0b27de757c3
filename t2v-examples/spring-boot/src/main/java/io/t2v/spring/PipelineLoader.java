package io.t2v.spring;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Makes the pipeline when it is time to, and closes it when the context does. Inject this instead
 * of the {@link TextToVideoPipeline} itself where nobody should wait for a download or a load.
 *
 * <p>The pipeline is closed before the web server's grace period starts, since that waits for
 * requests which wait for the pipeline. Thread-safe.
 */
public final class PipelineLoader implements SmartLifecycle {
  /** How far the pipeline is. */
  public enum State {
    /** Nobody has asked for it yet. */
    NOT_LOADED,
    /** It is being downloaded, opened or warmed up. */
    LOADING,
    /** It can be used. */
    READY,
    /** It could not be made. The next {@link #get} tries again. */
    FAILED,
    /** The context is closed. */
    STOPPED
  }

  private final Function<BooleanSupplier, TextToVideoPipeline> source;
  private final LoadMode mode;
  private final boolean warmUp;
  private final boolean closes;

  /** Held while the pipeline is made, and while it is closed. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable TextToVideoPipeline pipeline;
  private @Nullable Thread loading;
  private volatile State state = State.NOT_LOADED;
  private volatile @Nullable Throwable failure;
  private volatile boolean stopping;
  private volatile boolean running;

  private PipelineLoader(
      Function<BooleanSupplier, TextToVideoPipeline> source,
      LoadMode mode,
      boolean warmUp,
      boolean closes) {
    this.source = source;
    this.mode = mode;
    this.warmUp = warmUp;
    this.closes = closes;
  }

  /**
   * Loads with an assembler, and owns the pipeline. An eager one loads now: lifecycles of this
   * phase, which have to stop before the web server, start behind it.
   */
  static PipelineLoader of(PipelineAssembler assembler, LoadMode mode, boolean warmUp) {
    PipelineLoader loader = new PipelineLoader(assembler::assemble, mode, warmUp, true);
    if (mode == LoadMode.EAGER) {
      loader.get();
    }
    return loader;
  }

  /**
   * Wraps a pipeline that somebody else made and will close.
   *
   * @param pipeline ready to use
   * @return a loader that is ready
   */
  public static PipelineLoader of(TextToVideoPipeline pipeline) {
    PipelineLoader loader = new PipelineLoader(stopping -> pipeline, LoadMode.LAZY, false, false);
    loader.get();
    return loader;
  }

  /**
   * Returns the pipeline. Makes it, or waits for the thread that makes it, if it is not there yet.
   *
   * @return the pipeline, which this object closes
   * @throws IllegalStateException if the context is closed; or settings are missing or contradict
   *     each other
   * @throws CancellationException if this thread is interrupted, or the context closes meanwhile
   * @throws RuntimeException that {@link io.t2v.PipelineBuilder#build} threw
   */
  public TextToVideoPipeline get() {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while the pipeline was loaded");
    }
    try {
      if (stopping) {
        throw new IllegalStateException("the application context is closed, or is being closed");
      }
      TextToVideoPipeline loaded = pipeline;
      return loaded != null ? loaded : load();
    } finally {
      lock.unlock();
    }
  }

  private TextToVideoPipeline load() {
    state = State.LOADING;
    failure = null;
    TextToVideoPipeline loaded = null;
    try {
      loaded = source.apply(() -> stopping);
      if (warmUp) {
        loaded.generate(
            GenerationRequest.unconditional().steps(1).frames(1).guidanceScale(1).build());
      }
      pipeline = loaded;
      state = State.READY;
      return loaded;
    } catch (RuntimeException | Error e) {
      failure = e;
      state = State.FAILED;
      if (loaded != null) {
        loaded.close();
      }
      throw e;
    }
  }

  /**
   * Returns the pipeline if it is there, without waiting.
   *
   * @return empty unless the {@linkplain #state state} is {@link State#READY}
   */
  public Optional<TextToVideoPipeline> ifReady() {
    return state == State.READY ? Optional.of(get()) : Optional.empty();
  }

  /**
   * Tells how far the pipeline is, without waiting.
   *
   * @return the state
   */
  public State state() {
    return state;
  }

  /**
   * Returns why the pipeline could not be made.
   *
   * @return empty unless the {@linkplain #state state} is {@link State#FAILED}
   */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Loads now, on another thread, or not yet, as the mode says. */
  @Override
  public void start() {
    stopping = false;
    running = true;
    if (state == State.STOPPED) {
      state = State.NOT_LOADED;
    }
    switch (mode) {
      case EAGER -> get();
      case BACKGROUND -> loadInBackground();
      case LAZY -> {}
    }
  }

  private void loadInBackground() {
    Thread thread =
        new Thread(
            () -> {
              try {
                get();
              } catch (RuntimeException e) {
                logFailure(e);
              }
            },
            "t2v-load");
    thread.setDaemon(true);
    loading = thread;
    thread.start();
  }

  private void logFailure(RuntimeException failure) {
    if (!stopping) {
      System.getLogger(PipelineLoader.class.getName())
          .log(System.Logger.Level.ERROR, "The pipeline could not be loaded", failure);
    }
  }

  /** Ends a load, cancels what the pipeline computes, and closes it if it was made here. */
  @Override
  public void stop() {
    stopping = true;
    Thread thread = loading;
    if (thread != null) {
      thread.interrupt();
    }
    lock.lock();
    try {
      TextToVideoPipeline loaded = pipeline;
      if (closes && loaded != null) {
        loaded.close();
        pipeline = null;
      }
      loading = null;
      failure = null;
      state = State.STOPPED;
      running = false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
