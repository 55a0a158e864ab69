package io.caravel.flow;

import io.caravel.face.FaceApi;
import io.caravel.ground.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Objects;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/** The form of {@code POST /encode}, whose file the server has streamed to disk. */
@Component("encodeOrders")
public class EncodeOrders {
  private final Uploads uploads;

  EncodeOrders(Uploads uploads) {
    this.uploads = uploads;
  }

  /** The order; its image is a staged file, to be discarded. */
  public FaceApi.Order of(@Header("CamelHttpServletRequest") HttpServletRequest request) {
    MultipartHttpServletRequest form =
        WebUtils.getNativeRequest(request, MultipartHttpServletRequest.class);
    MultipartFile image = form == null ? null : form.getFile("image");
    if (form == null || image == null) {
      throw Failure.lasting(
          "bad-request",
          "The request holds no image: send multipart/form-data with a file named image, such as curl -F image=@photo.jpg.");
    }
    return new FaceApi.Order(
        uploads.stage(image).file(),
        field(form, "original_path"),
        field(form, "original_disk"),
        Objects.requireNonNullElse(field(form, "image_debug_subdir"), "debug"));
  }

  private static @Nullable String field(MultipartHttpServletRequest form, String name) {
    String value = form.getParameter(name);
    return value == null || value.isBlank() ? null : value;
  }

  public void discard(FaceApi.Order order) {
    try {
      Files.deleteIfExists(order.image());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
