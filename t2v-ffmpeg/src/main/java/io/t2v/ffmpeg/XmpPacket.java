package io.t2v.ffmpeg;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Optional;

/**
 * The metadata of a video in XMP, which picture and video files share: its description, IPTC's mark
 * that a model made it, and all settings as JSON.
 *
 * <p>A packet is written so that it can be found by looking for its first and last bytes, in a file
 * of any format; this is how it is read back.
 *
 * @param text from its first to its last mark
 */
record XmpPacket(String text) {
  /** IPTC's term for what a trained model made. */
  static final String MADE_BY_A_MODEL =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

  /** The largest packet that is read, so that a hostile file costs no memory. */
  private static final int LONGEST = 1 << 20;

  private static final byte[] BEGIN = "<?xpacket begin=".getBytes(UTF_8);
  private static final byte[] END = "<?xpacket end=".getBytes(UTF_8);
  private static final String OPEN = "<t2v:settings>";
  private static final String CLOSE = "</t2v:settings>";
  private static final int BLOCK = 1 << 16;

  /**
   * Writes a packet.
   *
   * @param description for people; empty for none
   * @param settings JSON
   */
  static XmpPacket of(String description, String settings) {
    return new XmpPacket(
        """
        <?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about=""
         xmlns:dc="http://purl.org/dc/elements/1.1/"
         xmlns:xmp="http://ns.adobe.com/xap/1.0/"
         xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
         xmlns:t2v="urn:io.t2v:settings">
        <xmp:CreatorTool>t2v</xmp:CreatorTool>
        <Iptc4xmpExt:DigitalSourceType>%s</Iptc4xmpExt:DigitalSourceType>
        <dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>
        %s%s%s
        </rdf:Description>
        </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="r"?>\
        """
            .formatted(MADE_BY_A_MODEL, escape(description), OPEN, escape(settings), CLOSE));
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                default -> escaped.appendCodePoint(isXml(c) ? c : '\ufffd');
              }
            });
    return escaped.toString();
  }

  private static boolean isXml(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0xd7ff)
        || (c >= 0xe000 && c <= 0xfffd)
        || c >= 0x10000;
  }

  /** Returns the packet in UTF-8. */
  byte[] bytes() {
    return text.getBytes(UTF_8);
  }

  /** Returns the settings, JSON, if this is a packet of this library. */
  Optional<String> settings() {
    int from = text.indexOf(OPEN);
    int to = text.indexOf(CLOSE, Math.max(0, from));
    if (from < 0 || to < 0) {
      return Optional.empty();
    }
    return Optional.of(
        text.substring(from + OPEN.length(), to)
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"));
  }

  /** Finds the first packet of this library in a file. */
  static Optional<XmpPacket> find(ByteSource file) throws IOException {
    long position = 0;
    while (true) {
      long begin = indexOf(file, BEGIN, position, file.size());
      if (begin < 0) {
        return Optional.empty();
      }
      long end = indexOf(file, END, begin, Math.min(file.size(), begin + LONGEST));
      if (end >= 0) {
        XmpPacket packet = new XmpPacket(new String(file.read(begin, (int) (end - begin)), UTF_8));
        if (packet.settings().isPresent()) {
          return Optional.of(packet);
        }
      }
      position = begin + BEGIN.length;
    }
  }

  private static long indexOf(ByteSource file, byte[] wanted, long from, long to)
      throws IOException {
    for (long at = from; at <= to - wanted.length; at += BLOCK) {
      byte[] block = file.read(at, (int) Math.min(BLOCK + wanted.length - 1L, to - at));
      for (int i = 0; i <= block.length - wanted.length; i++) {
        if (block[i] == wanted[0] && matches(block, i, wanted)) {
          return at + i;
        }
      }
    }
    return -1;
  }

  private static boolean matches(byte[] block, int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (block[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
