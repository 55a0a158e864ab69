package io.caravel.takeover;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The text of a dump as a stream: blanks, words and literals of MySQL's language. What stands in
 * {@code /*!40101 … *}{@code /} is read as what it is to MySQL, a part of the statements.
 *
 * @see <a href="https://dev.mysql.com/doc/refman/8.0/en/literals.html">MySQL: literal values</a>
 */
final class SqlBytes implements AutoCloseable {
  /** A longer value is none that is known here: it is read over, and counts as null. */
  private static final int LONGEST = 16 << 20;

  private static final Charset LATIN1 = Charset.forName("windows-1252"); // which MySQL calls latin1

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 18];
  private int at;
  private int end;
  private long line = 1;
  private String lastComment = "";
  private Charset charset = StandardCharsets.UTF_8;

  SqlBytes(InputStream in) {
    this.in = in;
  }

  /** The line that is read, from 1. */
  long line() {
    return line;
  }

  /** The last comment that took a line, without its sign. */
  String lastComment() {
    return lastComment.replaceFirst("^(--|#)\\s*", "");
  }

  /** What the strings are written in: a name of MySQL's. */
  void charset(String name) {
    charset = name.startsWith("latin1") ? LATIN1 : StandardCharsets.UTF_8;
  }

  /** The next byte, which stays; -1 at the end. */
  int peek() {
    return peek(0);
  }

  private int peek(int ahead) {
    if (at + ahead >= end) {
      fill();
    }
    return at + ahead < end ? buffer[at + ahead] & 0xff : -1;
  }

  private void fill() {
    System.arraycopy(buffer, at, buffer, 0, end - at);
    end -= at;
    at = 0;
    try {
      int read = in.read(buffer, end, buffer.length - end);
      end += Math.max(0, read);
    } catch (IOException e) {
      throw new OldTrouble("The dump cannot be read (%s).".formatted(e.getMessage()), e);
    }
  }

  /** The next byte; -1 at the end. */
  int next() {
    int next = peek();
    if (next >= 0) {
      at++;
      if (next == '\n') {
        line++;
      }
    }
    return next;
  }

  /** Goes on over blanks and comments. */
  void blank() {
    while (true) {
      int next = peek();
      if (next == ' ' || next == '\n' || next == '\r' || next == '\t' || next == '\f') {
        next();
      } else if (next == '#' || next == '-' && peek(1) == '-' && isBlank(peek(2))) {
        lastComment = restOfLine();
      } else if (next == '/' && peek(1) == '*') {
        comment();
      } else if (next == '*' && peek(1) == '/') {
        next();
        next();
      } else {
        return;
      }
    }
  }

  private static boolean isBlank(int next) {
    return next <= ' '; // the end, too
  }

  private void comment() {
    next();
    next();
    if (peek() == '!' || peek() == 'M' && peek(1) == '!') {
      while (peek() == '!' || peek() == 'M' || isDigit(peek())) {
        next();
      }
      return;
    }
    while (!(peek() == '*' && peek(1) == '/')) {
      if (next() < 0) {
        throw cutOff();
      }
    }
    next();
    next();
  }

  private static boolean isDigit(int next) {
    return next >= '0' && next <= '9';
  }

  /** The rest of the line, without its end. */
  String restOfLine() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    while (peek() >= 0 && peek() != '\n') {
      keep(rest, next());
    }
    next();
    return rest.toString(StandardCharsets.UTF_8);
  }

  /** Goes on behind this byte, which is there. */
  void expect(char wanted) {
    blank();
    int found = next();
    if (found < 0) {
      throw cutOff();
    }
    if (found != wanted) {
      throw new OldTrouble(
          "The dump holds \"%c\" in line %d where \"%c\" should be: make a new one with mysqldump."
              .formatted((char) found, line, wanted));
    }
  }

  /** Whether this byte is next; then goes on behind it. */
  boolean accept(char wanted) {
    blank();
    if (peek() != wanted) {
      return false;
    }
    next();
    return true;
  }

  OldTrouble cutOff() {
    return new OldTrouble(
        "The dump is cut off: it ends within a statement, in line %d. Make a new one; nothing of it was taken."
            .formatted(line));
  }

  /** A name, bare or in backticks; empty where none is next. */
  String word() {
    blank();
    if (peek() == '`') {
      return text(quoted(true));
    }
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    while (isOfAWord(peek())) {
      keep(word, next());
    }
    return word.toString(StandardCharsets.UTF_8);
  }

  private static boolean isOfAWord(int next) {
    return next >= 'a' && next <= 'z'
        || next >= 'A' && next <= 'Z'
        || isDigit(next)
        || next == '_'
        || next == '$'
        || next >= 0x80;
  }

  /** Reads over the rest of a statement. */
  void skipStatement() {
    skipUntil(";");
    next();
  }

  /**
   * Reads over what comes before one of these bytes that stands in no string, comment or
   * parentheses of its own.
   */
  void skipUntil(String ends) {
    int depth = 0;
    while (true) {
      blank();
      int next = peek();
      if (next < 0) {
        if (ends.equals(";")) {
          return;
        }
        throw cutOff();
      }
      if (depth == 0 && ends.indexOf(next) >= 0) {
        return;
      }
      if (next == '\'' || next == '"' || next == '`') {
        quoted(false);
      } else {
        depth += next == '(' ? 1 : next == ')' && depth > 0 ? -1 : 0;
        next();
      }
    }
  }

  /** A value as text; null where it is null, is not wanted, or is no literal. */
  @Nullable String value(boolean wanted) {
    blank();
    int next = peek();
    if (next == '\'' || next == '"') {
      return string(wanted);
    }
    if (next == '-' || next == '+' || next == '.' || isDigit(next) && peek(1) != 'x') {
      ByteArrayOutputStream number = new ByteArrayOutputStream();
      while ("+-.eE".indexOf(peek()) >= 0 || isDigit(peek())) {
        keep(number, next());
      }
      return number.toString(StandardCharsets.US_ASCII);
    }
    String word = word();
    if (word.startsWith("0x")) {
      return wanted ? hexadecimal(word.substring(2)) : null;
    }
    blank();
    if (peek() == '\'' || peek() == '"') { // _binary '…', X'…', b'…', N'…'
      String literal = string(wanted);
      return literal != null && word.equalsIgnoreCase("X") ? hexadecimal(literal) : literal;
    }
    boolean isNull = word.equalsIgnoreCase("NULL");
    if (!isNull) {
      skipUntil(",)"); // an expression: mysqldump writes none
    }
    return null;
  }

  private @Nullable String string(boolean wanted) {
    ByteArrayOutputStream bytes = quoted(wanted);
    return wanted && bytes.size() <= LONGEST ? text(bytes) : null;
  }

  private ByteArrayOutputStream quoted(boolean wanted) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(wanted ? 64 : 0);
    int quote = next();
    while (true) {
      int next = next();
      if (next < 0) {
        throw cutOff();
      }
      if (next == quote) {
        if (peek() != quote) {
          return bytes;
        }
        next();
      } else if (next == '\\' && quote != '`') {
        next = unescaped(next(), bytes, wanted);
      }
      if (wanted) {
        keep(bytes, next);
      }
    }
  }

  /** https://dev.mysql.com/doc/refman/8.0/en/string-literals.html, table 11.1 */
  private int unescaped(int escaped, ByteArrayOutputStream bytes, boolean wanted) {
    return switch (escaped) {
      case -1 -> throw cutOff();
      case '0' -> 0;
      case 'b' -> '\b';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'Z' -> 26;
      case '%', '_' -> {
        if (wanted) {
          keep(bytes, '\\');
        }
        yield escaped;
      }
      default -> escaped;
    };
  }

  private static void keep(ByteArrayOutputStream bytes, int next) {
    if (bytes.size() <= LONGEST) {
      bytes.write(next);
    }
  }

  private @Nullable String hexadecimal(String digits) {
    if (digits.length() % 2 != 0 || !digits.matches("[0-9a-fA-F]*")) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(digits.length() / 2);
    for (int i = 0; i < digits.length(); i += 2) {
      bytes.write(Integer.parseInt(digits, i, i + 2, 16));
    }
    return text(bytes);
  }

  /** What is no UTF-8 although the dump says so was written in latin1. */
  private String text(ByteArrayOutputStream bytes) {
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      return bytes.toString(LATIN1);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new OldTrouble("The dump cannot be closed (%s).".formatted(e.getMessage()), e);
    }
  }
}
