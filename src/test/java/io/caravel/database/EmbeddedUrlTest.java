package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedUrlTest {
  private static final Map<String, String> SETTINGS = Map.of("WRITE_DELAY", "500");

  private static String of(String url) {
    return EmbeddedUrl.of(url, SETTINGS);
  }

  @Test
  void anAddressOfAnOlderVersionIsOpenedWithTheSettingsOfThisOne() {
    assertThat(of("jdbc:h2:async:/data/caravel;MODE=MySQL;write_delay=0;LOCK_TIMEOUT=10000"))
        .isEqualTo(
            "jdbc:h2:ordered:async:/data/caravel;MODE=MySQL;WRITE_DELAY=500;LOCK_TIMEOUT=10000");
  }

  @Test
  void anyFileIsReadWithoutClosingAtAnInterruptAndWrittenInOrder() {
    assertThat(of("jdbc:h2:/data/caravel"))
        .isEqualTo("jdbc:h2:ordered:async:/data/caravel;WRITE_DELAY=500");
    assertThat(of("jdbc:h2:file:~/caravel")).startsWith("jdbc:h2:ordered:async:~/caravel;");
    assertThat(of("jdbc:h2:nio:./caravel")).startsWith("jdbc:h2:ordered:async:./caravel;");
    assertThat(of("jdbc:h2:split:30:/data/caravel"))
        .startsWith("jdbc:h2:ordered:split:30:/data/caravel;");
  }

  @Test
  void whatIsNoFileIsLeftAsItIs() {
    for (String url :
        new String[] {
          "jdbc:h2:mem:any;WRITE_DELAY=0", "jdbc:h2:tcp://host/any", "jdbc:mysql://host/any"
        }) {
      assertThat(of(url)).isEqualTo(url);
    }
  }
}
