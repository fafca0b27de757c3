package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens added on top of the vocabulary, special ones among them, and the search for them:
 * first in the text as it was written, then, for those that want it, in the normalized text
 * between.
 */
final class AddedVocabulary {
  private static final Pattern WORD_AT_START =
      Pattern.compile("\\A\\w", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern WORD_AT_END =
      Pattern.compile("\\w\\z", Pattern.UNICODE_CHARACTER_CLASS);

  private final BytePairEncoding encoding;
  private final ImmutableMap<String, Integer> ids;
  private final ImmutableMap<Integer, String> contents;
  private final ImmutableMap<Character, List<Entry>> asWritten;
  private final ImmutableMap<Character, List<Entry>> normalized;
  private final int size;

  private record Entry(String pattern, int id, AddedToken token) {}

  /** A stretch of text: the token found there, or text without one, where id is null. */
  private record Piece(String text, @Nullable Integer id) {}

  /**
   * Adds tokens one after the other. A token that the vocabulary holds keeps its id, a new one gets
   * the next free id; a token given twice has the properties given last.
   */
  AddedVocabulary(BytePairEncoding encoding, ImmutableList<AddedToken> tokens) {
    this.encoding = encoding;
    Map<String, Integer> idOfContent = new HashMap<>();
    Map<Integer, AddedToken> tokenOfId = new LinkedHashMap<>();
    int next = encoding.size();
    for (AddedToken token : tokens) {
      String content = token.content();
      if (content.isEmpty()) {
        continue;
      }
      @Nullable Integer id = idOfContent.get(content);
      if (id == null) {
        id = encoding.idOf(content);
      }
      if (id == null) {
        id = next++;
      }
      idOfContent.put(content, id);
      tokenOfId.put(id, token);
    }
    ids = ImmutableMap.copyOf(idOfContent);
    size = next;

    ImmutableMap.Builder<Integer, String> decoded = ImmutableMap.builder();
    List<Entry> written = new ArrayList<>();
    List<Entry> lower = new ArrayList<>();
    tokenOfId.forEach(
        (id, token) -> {
          String pattern =
              token.normalized() ? TextNormalizer.normalize(token.content()) : token.content();
          (token.normalized() ? lower : written).add(new Entry(pattern, id, token));
          decoded.put(id, pattern);
        });
    contents = decoded.buildOrThrow();
    asWritten = byFirstCharacter(written);
    normalized = byFirstCharacter(lower);
  }

  private static ImmutableMap<Character, List<Entry>> byFirstCharacter(List<Entry> entries) {
    Map<Character, List<Entry>> map = new HashMap<>();
    entries.stream()
        .sorted(Comparator.comparingInt((Entry entry) -> entry.pattern().length()).reversed())
        .forEach(e -> map.computeIfAbsent(e.pattern().charAt(0), c -> new ArrayList<>()).add(e));
    return ImmutableMap.copyOf(map);
  }

  /** How many ids there are, added tokens included. */
  int size() {
    return size;
  }

  @Nullable Integer idOf(String token) {
    @Nullable Integer id = ids.get(token);
    return id != null ? id : encoding.idOf(token);
  }

  /** The token of an id as decoding shows it, or null for an id that does not exist. */
  @Nullable String tokenOf(int id) {
    @Nullable String added = contents.get(id);
    return added != null ? added : encoding.tokenOf(id);
  }

  /** The ids of a whole text, without start and end. */
  ImmutableList<Integer> encode(String text) {
    ImmutableList.Builder<Integer> out = ImmutableList.builder();
    for (Piece written : cut(text, asWritten)) {
      if (written.id() != null) {
        out.add(written.id());
        continue;
      }
      for (Piece piece : cut(TextNormalizer.normalize(written.text()), normalized)) {
        if (piece.id() != null) {
          out.add(piece.id());
          continue;
        }
        for (String word : WordSplitter.split(piece.text())) {
          encoding.encode(word, out);
        }
      }
    }
    return out.build();
  }

  private static List<Piece> cut(String text, ImmutableMap<Character, List<Entry>> entries) {
    List<Piece> pieces = new ArrayList<>();
    int done = 0;
    int position = 0;
    while (position < text.length()) {
      @Nullable Entry found = longestAt(text, position, entries);
      if (found == null) {
        position++;
        continue;
      }
      int start = position;
      int stop = start + found.pattern().length();
      position = stop;
      if (found.token().singleWord() && touchesWord(text, start, stop)) {
        continue;
      }
      if (found.token().stripLeft()) {
        start = Math.max(startOfSpaces(text, start), done);
      }
      if (found.token().stripRight()) {
        stop = endOfSpaces(text, stop);
      }
      if (done < start) {
        pieces.add(new Piece(text.substring(done, start), null));
      }
      pieces.add(new Piece(found.pattern(), found.id()));
      done = stop;
    }
    if (done < text.length()) {
      pieces.add(new Piece(text.substring(done), null));
    }
    return pieces;
  }

  private static @Nullable Entry longestAt(
      String text, int position, ImmutableMap<Character, List<Entry>> entries) {
    @Nullable List<Entry> candidates = entries.get(text.charAt(position));
    if (candidates != null) {
      for (Entry candidate : candidates) {
        if (text.startsWith(candidate.pattern(), position)) {
          return candidate;
        }
      }
    }
    return null;
  }

  private static boolean touchesWord(String text, int start, int stop) {
    return WORD_AT_END.matcher(text.substring(Math.max(0, start - 2), start)).find()
        || WORD_AT_START.matcher(text.substring(stop, Math.min(text.length(), stop + 2))).find();
  }

  private static int startOfSpaces(String text, int end) {
    int start = end;
    while (start > 0 && CharacterTables.isSpace(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private static int endOfSpaces(String text, int start) {
    int end = start;
    while (end < text.length() && CharacterTables.isSpace(text.charAt(end))) {
      end++;
    }
    return end;
  }
}
