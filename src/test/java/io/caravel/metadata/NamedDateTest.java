package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedDateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // WhatsApp
        "IMG-20190704-WA0003.jpg | 2019-07-04",
        "VID-20190704-WA0012.mp4 | 2019-07-04",
        "WhatsApp Image 2019-07-04 at 12.33.10.jpeg | 2019-07-04T12:33:10",
        "WhatsApp Image 2019-07-04 at 12.33.10 PM (1).jpeg | 2019-07-04T12:33:10",
        "WhatsApp Image 2019-07-04 at 3.33.10 PM.jpeg | 2019-07-04T15:33:10",
        // Android's cameras
        "20190704_123310.jpg | 2019-07-04T12:33:10",
        "IMG_20190704_123310.jpg | 2019-07-04T12:33:10",
        "IMG_20190704_123310_1.jpg | 2019-07-04T12:33:10",
        "IMG_20190704_123310678.jpg | 2019-07-04T12:33:10",
        "IMG_20190704_123310_HDR.jpg | 2019-07-04T12:33:10",
        "20190704_123310(0).jpg | 2019-07-04T12:33:10",
        "20190704_123310~2.jpg | 2019-07-04T12:33:10",
        "MVIMG_20190704_123310.jpg | 2019-07-04T12:33:10",
        "PANO_20190704_123310.jpg | 2019-07-04T12:33:10",
        "00000IMG_00000_BURST20190704123310678_COVER.jpg | 2019-07-04T12:33:10",
        "DSCPDC_0003_BURST20190704123310678.JPG | 2019-07-04T12:33:10",
        "lv_0_20190704123310.jpg | 2019-07-04T12:33:10",
        "C360_2019-07-04-12-33-10-678.jpg | 2019-07-04T12:33:10",
        // screenshots
        "Screenshot_20200102-030405.png | 2020-01-02T03:04:05",
        "Screenshot_20200102_030405_Chrome.jpg | 2020-01-02T03:04:05",
        "Screenshot_2020-01-02-03-04-05.png | 2020-01-02T03:04:05",
        "Screenshot_2020-01-02-03-04-05-678_com.android.chrome.jpg | 2020-01-02T03:04:05",
        "Screenshot from 2020-01-02 03-04-05.png | 2020-01-02T03:04:05",
        "Screenshot 2020-01-02 030405.png | 2020-01-02T03:04:05",
        "Screenshot 2020-01-02 at 03.04.05.png | 2020-01-02T03:04:05",
        "Screen Shot 2020-01-02 at 3.04.05 PM.png | 2020-01-02T15:04:05",
        "Screenshot 2020-01-02 at 3.04.05\u202FPM.png | 2020-01-02T15:04:05",
        "Bildschirmfoto 2020-01-02 um 03.04.05.png | 2020-01-02T03:04:05",
        "Captura de pantalla 2020-01-02 a las 3.04.05.png | 2020-01-02T03:04:05",
        // Signal, Telegram
        "signal-2020-01-02-030405.jpg | 2020-01-02T03:04:05",
        "signal-2020-01-02-03-04-05-678.jpg | 2020-01-02T03:04:05",
        "signal-2020-01-02-03-04-05-678-1.jpg | 2020-01-02T03:04:05",
        "photo_2020-01-02_03-04-05.jpg | 2020-01-02T03:04:05",
        "photo_2020-01-02_03-04-05 (2).jpg | 2020-01-02T03:04:05",
        "photo_1@02-01-2020_03-04-05.jpg | 2020-01-02T03:04:05",
        // Dropbox, iOS, OneDrive
        "2018-05-06 12.33.10.jpg | 2018-05-06T12:33:10",
        "2018-05-06 12.33.10-1.jpg | 2018-05-06T12:33:10",
        "2018-05-06T12-33-10.jpg | 2018-05-06T12:33:10",
        "2018-05-06_12-33-10.heic | 2018-05-06T12:33:10",
        "20190704_123310000_iOS.jpg | 2019-07-04T12:33:10",
        // Windows Phone, Windows
        "WP_20140102_001.jpg | 2014-01-02",
        "WP_20140102_12_33_10_Pro.jpg | 2014-01-02T12:33:10",
        "WIN_20190704_12_33_10_Pro.jpg | 2019-07-04T12:33:10",
        // programs that write milliseconds
        "mmexport1562243590123.jpg | 2019-07-04T12:33:10.123",
        "FB_IMG_1562243590123.jpg | 2019-07-04T12:33:10.123",
        // people
        "20190704.jpg | 2019-07-04",
        "20190704 Rome.jpg | 2019-07-04",
        "20190704-1.jpg | 2019-07-04",
        "Rome 2019-07-04.jpg | 2019-07-04",
        "2019-07-04 (2).jpg | 2019-07-04",
        "2019_07_04_0012.jpg | 2019-07-04",
        "2019.07.04 Rome.jpg | 2019-07-04",
        "scan 1985-06-15.tif | 1985-06-15",
        "Grandma ١٩٨٥-٠٦-١٥.jpg | 1985-06-15",
      })
  void theDateOfANameIsRead(String name, String meant) {
    assertThat(NamedDate.read(name).map(WrittenDateTest::shown)).contains(meant);
  }

  @Test
  void pixelsAndOneDriveNameTheTimeInUtc() {
    for (String name :
        new String[] {
          "PXL_20201231_235959123.jpg",
          "PXL_20201231_235959123.MP.jpg",
          "20201231_235959000_iOS.heic"
        }) {
      Moment moment = NamedDate.read(name).orElseThrow();
      assertThat(moment.universal()).as(name).isTrue();
      assertThat(WrittenDateTest.shown(moment)).isEqualTo("2020-12-31T23:59:59");
    }
    assertThat(NamedDate.read("IMG_20201231_235959.jpg").orElseThrow().universal()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IMG_1234.JPG",
        "DSC01234.JPG",
        "DSC_20191.jpg",
        "P1010001.JPG",
        "photo.jpg",
        "unnamed",
        // telephone numbers
        "+4369920190704.jpg",
        "+20190704.jpg",
        "0699 20190704 12345.jpg",
        "069920190704.jpg",
        "IMG_4915123456789.jpg",
        "Tel 20190704.jpg",
        "20190704-12345678.jpg",
        // serial numbers and ids
        "SN20190704.jpg",
        "SN_20190704.jpg",
        "201907041.jpg",
        "20190704123.jpg",
        "received_2019070412331012345.jpeg",
        "received_10155201907041233.jpeg",
        "1562243590123.jpg",
        "9e20190704ab.jpg",
        "b2f8c6d4-2019-0704-8f5e-1a2b3c4d5e6f.jpg",
        // what cannot be
        "IMG_20191332_123310.jpg",
        "IMG_20190704_256199.jpg",
        "IMG_20190230.jpg",
        "2019-02-30.jpg",
        "2019-13-01 12.33.10.jpg",
        "Screenshot 2020-01-02 at 25.04.05.png",
        "19190704_123310.jpg",
        "Resolution 1920-10-80.jpg",
      })
  void aNameWithoutADateHasNone(String name) {
    assertThat(NamedDate.read(name)).isEmpty();
  }

  @Test
  void aNameWithoutEndIsReadInNoTime() {
    assertThat(NamedDate.read("2019-07-04 " + "Rome ".repeat(200))).isPresent();
    assertThat(NamedDate.read("_ .".repeat(330))).isEmpty();
    assertThat(NamedDate.read("1".repeat(1000))).isEmpty();
  }
}
