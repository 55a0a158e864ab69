package io.caravel.photo;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.jspecify.annotations.NullUnmarked;

/** Films of two seconds: half a second of black, then four quarters, 160 x 120. */
@NullUnmarked
public final class DrawnVideo {
  public static final int WIDTH = 160;
  public static final int HEIGHT = 120;
  private static final int FRAMES = 50;

  private DrawnVideo() {}

  /**
   * Writes a film of the kind that the file's name ends with: mp4, mov, m4v, 3gp, avi, mkv, webm.
   */
  public static Path write(Path file) throws IOException {
    String extension = file.toString().replaceAll(".*\\.", "");
    avutil.av_log_set_level(avutil.AV_LOG_ERROR);
    try (FFmpegFrameRecorder film = new FFmpegFrameRecorder(file.toString(), WIDTH, HEIGHT);
        Java2DFrameConverter converter = new Java2DFrameConverter()) {
      film.setFormat(
          switch (extension) {
            case "mkv" -> "matroska";
            case "m4v" -> "ipod";
            default -> extension;
          });
      film.setVideoCodec(
          extension.equals("webm") ? avcodec.AV_CODEC_ID_VP8 : avcodec.AV_CODEC_ID_MPEG4);
      film.setFrameRate(25);
      film.setVideoBitrate(800_000);
      film.setGopSize(5);
      film.start();
      for (int i = 0; i < FRAMES; i++) {
        film.record(converter.convert(frame(i < FRAMES / 4)));
      }
      film.stop();
    }
    return file;
  }

  private static BufferedImage frame(boolean black) {
    BufferedImage frame = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < HEIGHT && !black; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int[] colour = DrawnTiff.COLOURS[(x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2)];
        frame.setRGB(x, y, colour[0] << 16 | colour[1] << 8 | colour[2]);
      }
    }
    return frame;
  }

  /** Writes a time into the movie's header (QuickTime File Format): seconds since 1904, UTC. */
  public static Path dated(Path film, long secondsSince1970) throws IOException {
    byte[] bytes = Files.readAllBytes(film);
    int header = find(bytes, "mvhd");
    ByteBuffer.wrap(bytes).putInt(header + 8, (int) (secondsSince1970 + 2082844800L));
    return Files.write(film, bytes);
  }

  /** Turns the film by a quarter clockwise, as telephones do: by the track's matrix. */
  public static Path turned(Path film) throws IOException {
    byte[] bytes = Files.readAllBytes(film);
    ByteBuffer matrix = ByteBuffer.wrap(bytes).position(find(bytes, "tkhd") + 44).slice();
    int one = 0x10000;
    int[] turn = {0, one, 0, -one, 0, 0, HEIGHT * one, 0, 0x40000000};
    for (int each : turn) {
      matrix.putInt(each);
    }
    return Files.write(film, bytes);
  }

  private static int find(byte[] bytes, String box) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(box);
    if (at < 0) {
      throw new IllegalStateException("no " + box);
    }
    return at;
  }
}
