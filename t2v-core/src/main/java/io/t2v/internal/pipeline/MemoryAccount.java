package io.t2v.internal.pipeline;

import io.t2v.device.ComputeDevice;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The memory of one device that the running generations of this process have reserved, whichever
 * pipeline they belong to. A generation that does not fit beside the others waits until it does.
 *
 * <p>What the system calls available shrinks while a generation takes what it has reserved. That
 * part must not be counted twice: it is what is missing since the account was last empty, at most
 * what is reserved. Thread-safe.
 */
public final class MemoryAccount {
  /** One for each device of the process: memory is the process's, not a pipeline's. */
  private static final Map<ComputeDevice, MemoryAccount> ACCOUNTS = new ConcurrentHashMap<>();

  private final FairQueue queue = new FairQueue();
  private final Map<Object, Owner> owners = new HashMap<>();
  private long reserved;
  private long availableWhenEmpty;

  /** Made by tests; others take the device's. */
  MemoryAccount() {}

  /** The account of a device, the same for the whole process. */
  public static MemoryAccount of(ComputeDevice device) {
    return ACCOUNTS.computeIfAbsent(device, key -> new MemoryAccount());
  }

  /**
   * What a generation needs, by its plan of this moment.
   *
   * @param weights bytes of weights that stay loaded, and are not loaded yet: generations of one
   *     pipeline share them
   * @param activations all other bytes, which each generation has for itself
   * @param available bytes that can still be taken
   */
  public record Demand(long weights, long activations, long available) {}

  /** A pipeline with running generations. */
  private static final class Owner {
    private int runs;
    private long weights;
  }

  /** What became of the wish to reserve memory. */
  public enum Outcome {
    /** Reserved. */
    ADMITTED,
    /** Not even alone does it fit. */
    REFUSED,
    /** It did not fit within the time. */
    TIMED_OUT
  }

  /**
   * Reserves memory, and waits for it behind all who came before.
   *
   * @param pipeline whose weights are shared by its generations
   * @param demand worked out anew for each attempt
   * @param checkWanted throws if the generation is no longer wanted
   * @param timeout the longest time to wait
   */
  public Outcome reserve(
      Object pipeline, Supplier<Demand> demand, Runnable checkWanted, Duration timeout) {
    Outcome[] outcome = {Outcome.TIMED_OUT};
    queue.await(
        () -> {
          outcome[0] = attempt(pipeline, demand.get());
          return outcome[0] != Outcome.TIMED_OUT;
        },
        checkWanted,
        timeout);
    return outcome[0];
  }

  private Outcome attempt(Object pipeline, Demand demand) {
    if (reserved == 0) {
      availableWhenEmpty = demand.available();
    }
    Owner owner = owners.get(pipeline);
    long weights = owner == null ? demand.weights() : 0;
    long need = weights + demand.activations();
    long taken = Math.min(reserved, Math.max(0, availableWhenEmpty - demand.available()));
    if (need > demand.available() + taken - reserved) {
      return reserved == 0 ? Outcome.REFUSED : Outcome.TIMED_OUT;
    }
    Owner admitted = owners.computeIfAbsent(pipeline, key -> new Owner());
    admitted.runs++;
    admitted.weights += weights;
    reserved += need;
    return Outcome.ADMITTED;
  }

  /**
   * Gives back what a generation had reserved.
   *
   * @param activations of its demand when it was admitted
   */
  public void release(Object pipeline, long activations) {
    queue.update(
        () -> {
          Owner owner = owners.get(pipeline);
          if (owner == null) {
            throw new IllegalStateException("nothing is reserved for " + pipeline);
          }
          reserved -= activations;
          if (--owner.runs == 0) {
            reserved -= owner.weights;
            owners.remove(pipeline);
          }
        });
  }

  /** Bytes that are reserved now. */
  public long reservedBytes() {
    long[] bytes = {0};
    queue.update(() -> bytes[0] = reserved);
    return bytes[0];
  }
}
