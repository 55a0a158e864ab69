package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WrittenDateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2019:07:04 12:33:10 | 2019-07-04T12:33:10",
        "2019:07:04 12:33:10.078 | 2019-07-04T12:33:10.078",
        "2019:07:04 12:33:10,5 | 2019-07-04T12:33:10.500",
        "2019:07:04 12:33 | 2019-07-04T12:33:00",
        "2019-07-04T12:33:10 | 2019-07-04T12:33:10",
        "2019-07-04t12:33:10 | 2019-07-04",
        "2019/07/04 12:33:10 | 2019-07-04T12:33:10",
        "2019: 7: 4 12: 3:10 | 2019-07-04T12:03:10",
        "2019:7:4 2:3:1 | 2019-07-04T02:03:01",
        "2009.05.17 08:09:10 | 2009-05-17T08:09:10",
        "2009.05.17 08.09.10 | 2009-05-17T08:09:10",
        "2009-05-17 08-09-10 | 2009-05-17T08:09:10",
        "2009-05-17-08-09-10 | 2009-05-17T08:09:10",
        "2019 07 04 12 33 10 | 2019-07-04T12:33:10",
        "2018:06:01 03:45:12 PM | 2018-06-01T15:45:12",
        "2018:06:01 12:45:12 am | 2018-06-01T00:45:12",
        "2018:06:01 12:45:12 p.m. | 2018-06-01T12:45:12",
        "2018:06:01 3:45 PM | 2018-06-01T15:45:00",
        "2016:02:02 24:28:33 | 2016-02-02T00:28:33",
        "2016:12:31 23:59:60 | 2016-12-31T23:59:59",
        "2009:05:17 08:09:12 DST | 2009-05-17T08:09:12",
        "2009:05:17 08:09:13 CEST | 2009-05-17T08:09:13",
        "2009:05:17 08:09:15?? | 2009-05-17T08:09:15",
        "2009:05:17 08:09:15é( | 2009-05-17T08:09:15",
        "٢٠١٩:٠٧:٠٤ ١٢:٣٣:١٠ | 2019-07-04T12:33:10",
        "२०१९:०७:०४ १२:३३:१० | 2019-07-04T12:33:10",
        "２０１９:０７:０４ １２:３３:１０ | 2019-07-04T12:33:10",
        "2019年7月4日 12:33:10 | 2019-07-04T12:33:10",
        "20190704123310 | 2019-07-04T12:33:10",
        "20190704T123310 | 2019-07-04T12:33:10",
        "20190704 | 2019-07-04",
        "04.07.2019 12:33:10 | 2019-07-04T12:33:10",
        "Thu, 04 Jul 2019 12:33:10 | 2019-07-04T12:33:10",
        "4 July 2019 | 2019-07-04",
        "July 4, 2019 12:33 | 2019-07-04T12:33:00",
        "Thu Jul  4 12:33:10 2019 | 2019-07-04T12:33:10",
        "1998:08:23 | 1998-08-23",
        "1998-08-23 | 1998-08-23",
        "1998:08:23   :  :   | 1998-08-23",
        "1985-06 | 1985-06",
        "1998:08:   :  :   | 1998-08",
        "1998:08:00 00:00:00 | 1998-08",
        "1985 | 1985",
        "1998:00:00 00:00:00 | 1998",
        "'1998:  :     :  :  ' | 1998",
        "1826:01:01 00:00:00 | 1826-01-01T00:00:00",
      })
  void aDateIsReadAsItWasMeant(String written, String meant) {
    assertThat(read(written)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2019:07:04 12:33:10+02:00 | 120",
        "2019:07:04 12:33:10-05:30 | -330",
        "2019:07:04 12:33:10 +0200 | 120",
        "2019:07:04 12:33:10.25-5:00 | -300",
        "2019:07:04 12:33:10Z | 0",
        "2019:07:04 12:33Z | 0",
        "2019-07-04T12:33-05:00 | -300",
        "Thu, 04 Jul 2019 12:33:10 GMT | 0",
        "Thu, 04 Jul 2019 12:33:10 +0200 | 120",
        "2019:07:04 12:33:10 UTC+2 | 120",
        "2019:07:04 12:33:10 PM -07:00 | -420",
        "20190704T123310Z | 0",
      })
  void theOffsetBesideATimeIsRead(String written, int minutes) {
    Moment moment = WrittenDate.read(written).orElseThrow();
    assertThat(moment.offsetMinutes()).hasValue(minutes);
    assertThat(moment.at().getHour()).isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2019:07:04 12:33:10",
        "2019:07:04 12:33:10+15:00",
        "2019:07:04 12:33:10+02:60",
        "2019:07:04 12:33:10 CEST",
        "2019:07:04 12:33:10 Zulu"
      })
  void whereNoneIsWrittenOrItCannotBeThereIsNoOffset(String written) {
    assertThat(WrittenDate.read(written).orElseThrow().offsetMinutes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "+02:00, 120",
    "-5:00, -300",
    "+0530, 330",
    "+5, 300",
    "-11, -660",
    "2, 120",
    "Z, 0",
    "UTC, 0",
    "GMT+1, 60",
    "\u221203:30, -210"
  })
  void anOffsetIsReadInEverySpelling(String written, int minutes) {
    assertThat(WrittenDate.offset(written)).hasValue(minutes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   :  ", "+15:00", "local", "+2x:00000", "7200"})
  void whatIsNoOffsetIsNone(String written) {
    assertThat(WrittenDate.offset(written)).isEqualTo(OptionalInt.empty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "yesterday",
        "0001:01:01 00:00:00",
        "1825:12:31 23:59:59",
        "2021:02:30 12:00:00",
        "2021:13:01 12:00:00",
        "2021:01:01 25:00:00",
        "2021:01:01 12:60:00",
        "2021:01:01 12:00:61",
        "2021:01:01 13:00:00 PM",
        "31.02.2021",
        "40 Jul 2019",
        "19850",
        "12:33:10",
        "9999999999999999999",
        "1.5",
      })
  void whatCannotBeIsNone(String written) {
    assertThat(WrittenDate.read(written)).isEmpty();
  }

  @Test
  void aTextWithoutEndIsReadInNoTime() {
    assertThat(WrittenDate.read("2019 ".repeat(100_000))).isNotNull();
    assertThat(WrittenDate.read("Jul ".repeat(100_000))).isEmpty();
  }

  /** As the door shows it. */
  static Optional<String> read(String written) {
    return WrittenDate.read(written).map(WrittenDateTest::shown);
  }

  static String shown(Moment moment) {
    LocalDateTime at = moment.at();
    String day = at.toLocalDate().toString();
    return switch (moment.precision()) {
      case YEAR -> day.substring(0, 4);
      case MONTH -> day.substring(0, 7);
      case DAY -> day;
      case TIME ->
          "%sT%02d:%02d:%02d%s"
              .formatted(
                  day,
                  at.getHour(),
                  at.getMinute(),
                  at.getSecond(),
                  at.getNano() == 0 ? "" : ".%03d".formatted(at.getNano() / 1_000_000));
    };
  }
}
