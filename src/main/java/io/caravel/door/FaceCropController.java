package io.caravel.door;

import io.caravel.face.Crops;
import io.caravel.ground.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Delivers the crops of faces. */
@RestController
class FaceCropController {
  private final Crops crops;

  FaceCropController(Crops crops) {
    this.crops = crops;
  }

  @GetMapping("/api/faces/{id:\\d{1,18}}/crop")
  ResponseEntity<Resource> crop(@PathVariable long id, HttpServletRequest request)
      throws IOException {
    Path file;
    try {
      file = crops.file(id);
    } catch (Failure e) {
      throw Problem.thrown(status(e), String.valueOf(e.getMessage()));
    }
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return Delivery.of(
        request,
        file,
        "\"%s-%s-%x\""
            .formatted(
                file.resolveSibling("").getFileName(),
                file.getFileName(),
                attributes.lastModifiedTime().toMillis()),
        MediaType.IMAGE_JPEG,
        CacheControl.noCache().cachePrivate(), // kept, but asked for each time: the trash hides it
        "inline");
  }

  /** A photo that nobody can decode has no crop; whatever may pass is asked for again. */
  private static HttpStatus status(Failure failure) {
    return failure.lasting() ? HttpStatus.NOT_FOUND : HttpStatus.SERVICE_UNAVAILABLE;
  }
}
