package io.t2v.internal.watermark;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * Protects 64 bits against errors: a checksum of 32 bits, and the convolutional code of rate 1/2
 * and constraint length 7 with the generators 133 and 171 (octal), as spacecraft use it (CCSDS
 * 131.0-B). It is decoded with A. J. Viterbi's algorithm ("Error bounds for convolutional codes",
 * IEEE Transactions on Information Theory 13, 1967) from graded values, which tell how certain each
 * bit is. The checksum lets one of 2<sup>32</sup> random inputs pass.
 */
final class PayloadCode {
  private static final int MEMORY = 6;
  private static final int STATES = 1 << MEMORY;
  private static final int[] GENERATORS = {0b1011011, 0b1111001};
  private static final int MESSAGE_BYTES = Long.BYTES + Integer.BYTES;

  /** Bits of the message, and zeros that bring the coder back to its first state. */
  private static final int STEPS = 8 * MESSAGE_BYTES + MEMORY;

  /** Bits of a coded payload. */
  static final int LENGTH = GENERATORS.length * STEPS;

  private PayloadCode() {}

  /**
   * Codes a payload.
   *
   * @return {@link #LENGTH} bits
   */
  static boolean[] encode(long payload) {
    byte[] message =
        ByteBuffer.allocate(MESSAGE_BYTES).putLong(payload).putInt(checksum(payload)).array();
    boolean[] coded = new boolean[LENGTH];
    int state = 0;
    for (int step = 0; step < STEPS; step++) {
      int bit = step < 8 * MESSAGE_BYTES ? message[step / 8] >> (7 - step % 8) & 1 : 0;
      int register = bit << MEMORY | state;
      for (int i = 0; i < GENERATORS.length; i++) {
        coded[GENERATORS.length * step + i] = parity(register & GENERATORS[i]);
      }
      state = register >> 1;
    }
    return coded;
  }

  private static int checksum(long payload) {
    CRC32 crc = new CRC32();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(payload).flip());
    return (int) crc.getValue();
  }

  private static boolean parity(int bits) {
    return Integer.bitCount(bits) % 2 == 1;
  }

  /**
   * Decodes what was received.
   *
   * @param received {@link #LENGTH} values: positive for a bit that is set, negative for one that
   *     is not, the larger the more certain
   * @return the payload; empty if the checksum does not fit
   */
  static OptionalLong decode(double[] received) {
    ByteBuffer message = ByteBuffer.wrap(likeliestMessage(received));
    long payload = message.getLong();
    return message.getInt() == checksum(payload) ? OptionalLong.of(payload) : OptionalLong.empty();
  }

  /** Finds the path through the coder's states that agrees best with what was received. */
  private static byte[] likeliestMessage(double[] received) {
    double[] scores = new double[STATES];
    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    scores[0] = 0;
    boolean[][] dropped = new boolean[STEPS][STATES];
    for (int step = 0; step < STEPS; step++) {
      double[] next = new double[STATES];
      for (int state = 0; state < STATES; state++) {
        double even = scores[before(state, 0)] + agreement(received, step, state, 0);
        double odd = scores[before(state, 1)] + agreement(received, step, state, 1);
        dropped[step][state] = odd > even;
        next[state] = Math.max(even, odd);
      }
      scores = next;
    }
    byte[] message = new byte[MESSAGE_BYTES];
    int state = 0;
    for (int step = STEPS - 1; step >= 0; step--) {
      if (step < 8 * MESSAGE_BYTES) {
        message[step / 8] |= (byte) (state >> (MEMORY - 1) << (7 - step % 8));
      }
      state = before(state, dropped[step][state] ? 1 : 0);
    }
    return message;
  }

  /** The state that was left for this one when the given bit was shifted out. */
  private static int before(int state, int shiftedOut) {
    return (state << 1 & (STATES - 1)) | shiftedOut;
  }

  private static double agreement(double[] received, int step, int state, int shiftedOut) {
    int register = state << 1 | shiftedOut;
    double sum = 0;
    for (int i = 0; i < GENERATORS.length; i++) {
      double value = received[GENERATORS.length * step + i];
      sum += parity(register & GENERATORS[i]) ? value : -value;
    }
    return sum;
  }
}
