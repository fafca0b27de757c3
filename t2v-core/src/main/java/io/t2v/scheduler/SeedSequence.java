package io.t2v.scheduler;

/**
 * Spreads a seed over many streams. The algorithm of numpy's SeedSequence (O'Neill, "Developing a
 * seed_seq Alternative"), which the reference's Brownian tree draws its seeds from.
 */
final class SeedSequence {
  private static final int INIT_A = 0x43b0d7e5;
  private static final int MULTIPLIER_A = 0x931e8875;
  private static final int INIT_B = 0x8b51f9dd;
  private static final int MULTIPLIER_B = 0x58f38ded;
  private static final int MIX_LEFT = 0xca01f9dd;
  private static final int MIX_RIGHT = 0x4973f715;
  private static final int SHIFT = 16;

  private final int[] pool;
  private int hash = INIT_A;

  /**
   * Mixes a seed.
   *
   * @param entropy the seed, not negative
   * @param poolSize words of state
   * @param spawnKey which stream; empty for the main one
   */
  SeedSequence(long entropy, int poolSize, long... spawnKey) {
    pool = new int[poolSize];
    for (int i = 0; i < poolSize; i++) {
      pool[i] = hashed(i < 2 ? (int) (entropy >>> (32 * i)) : 0);
    }
    for (int source = 0; source < poolSize; source++) {
      for (int target = 0; target < poolSize; target++) {
        if (source != target) {
          pool[target] = mixed(pool[target], hashed(pool[source]));
        }
      }
    }
    for (long key : spawnKey) {
      add((int) key);
      if (key >>> 32 != 0) {
        add((int) (key >>> 32));
      }
    }
  }

  /**
   * Returns the first number of the stream.
   *
   * @return an unsigned number of 32 bits
   */
  long firstState() {
    int state = pool[0] ^ INIT_B;
    int multiplier = INIT_B;
    multiplier *= MULTIPLIER_B;
    state *= multiplier;
    state ^= state >>> SHIFT;
    return Integer.toUnsignedLong(state);
  }

  private void add(int word) {
    for (int target = 0; target < pool.length; target++) {
      pool[target] = mixed(pool[target], hashed(word));
    }
  }

  private int hashed(int value) {
    int result = value ^ hash;
    hash *= MULTIPLIER_A;
    result *= hash;
    return result ^ (result >>> SHIFT);
  }

  private static int mixed(int x, int y) {
    int result = MIX_LEFT * x - MIX_RIGHT * y;
    return result ^ (result >>> SHIFT);
  }
}
