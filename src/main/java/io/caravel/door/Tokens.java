package io.caravel.door;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/**
 * The tokens of CARAVEL_TOKENS: a line each, {@code name hash doors}. What a token is, is not kept:
 * the hash is hex SHA-256 of it, or bcrypt. Thread-safe.
 */
final class Tokens {
  private static final String SHA256 = "[0-9a-fA-F]{64}";
  private static final String BCRYPT = "\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}";
  private static final int COLUMNS = 3;

  /** A token is random, and never so long. */
  private static final int LONGEST = 1000;

  private static final BCryptPasswordEncoder ENCODER = new BCryptPasswordEncoder();

  /**
   * A token.
   *
   * @param name of whoever uses it
   * @param doors operationIds; null: whatever a log-in may
   */
  record Token(String name, String hash, @Nullable Set<String> doors) {
    boolean opens(@Nullable String door) {
      return doors == null || (door != null && doors.contains(door));
    }

    boolean isSlow() {
      return !hash.matches(SHA256);
    }
  }

  private final List<Token> tokens;

  /** By the SHA-256 of a token that bcrypt has found right: each takes its time once. */
  private final Map<String, Token> found = new ConcurrentHashMap<>();

  private Tokens(List<Token> tokens) {
    this.tokens = List.copyOf(tokens);
    for (Token token : tokens) {
      if (!token.isSlow()) {
        found.put(token.hash().toLowerCase(Locale.ROOT), token);
      }
    }
  }

  static Tokens none() {
    return new Tokens(List.of());
  }

  /**
   * Reads the file.
   *
   * @param operations that there are
   * @throws CannotStart it cannot be read, or a line is none; the message says which, and what to
   *     do
   */
  static Tokens read(Path file, Set<String> operations) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CannotStart.mendFirst(
          "CARAVEL_TOKENS %s cannot be read as text: name a file that there is, and let this user read it."
              .formatted(file),
          e);
    }
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        tokens.add(token(line, "%s, line %d".formatted(file, i + 1), operations));
      }
    }
    return new Tokens(tokens);
  }

  private static Token token(String line, String where, Set<String> operations) {
    String[] columns = line.split("\\s+");
    if (columns.length != COLUMNS) {
      throw CannotStart.mendFirst(
          "%s is not \"name hash doors\": give it these three, with blanks between, and none elsewhere."
              .formatted(where));
    }
    if (!columns[1].matches(SHA256 + "|" + BCRYPT)) {
      throw CannotStart.mendFirst(
          "%s has no hash: take the 64 digits of printf %%s TOKEN | sha256sum, or bcrypt's ($2y$…)."
              .formatted(where));
    }
    Set<String> doors =
        columns[2].equals("*") ? null : Set.copyOf(List.of(columns[2].split(",", -1)));
    if (doors != null && !operations.containsAll(doors)) {
      throw CannotStart.mendFirst(
          "%s names a door that there is not: take the operationIds of /openapi.json, with commas between, or *."
              .formatted(where));
    }
    return new Token(columns[0], columns[1], doors);
  }

  /** The token at once, where it is known without bcrypt's taking its time. */
  @Nullable Token known(String presented) {
    return found.get(sha256(presented));
  }

  /** Whether {@link #slowly} may find what {@link #known} does not. */
  boolean haveSlow() {
    return tokens.stream().anyMatch(Token::isSlow);
  }

  /** The token, by bcrypt. */
  @Nullable Token slowly(String presented) {
    if (presented.length() > LONGEST) {
      return null;
    }
    for (Token token : tokens) {
      if (token.isSlow() && ENCODER.matches(presented, token.hash())) {
        found.put(sha256(presented), token);
        return token;
      }
    }
    return null;
  }

  static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
