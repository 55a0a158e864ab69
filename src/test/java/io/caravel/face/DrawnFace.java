package io.caravel.face;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;

/**
 * Two people of our own drawing, whom dlib's detector finds. Their encodings are 0.3 to 0.4 apart,
 * those of one person 0.1 at most: less than those of living people.
 */
public enum DrawnFace {
  ADA(0x3C281E, 0xE1B9A0, 130, 30, 0),
  BEN(0xB9A078, 0xB98260, 146, 34, 8);

  private static final Color EYE = new Color(245, 245, 245);
  private static final Color PUPIL = new Color(40, 30, 25);
  private static final Color MOUTH = new Color(150, 60, 60);
  private static final Color LIPS = new Color(90, 30, 35);

  private final Color hair;
  private final Color skin;
  private final int width;
  private final int eyes;
  private final int jaw;

  DrawnFace(int hair, int skin, int width, int eyes, int jaw) {
    this.hair = new Color(hair);
    this.skin = new Color(skin);
    this.width = width;
    this.eyes = eyes;
    this.jaw = jaw;
  }

  /** 130 to 150 x 170 pixels, with the middle there. */
  public void draw(Graphics2D pen, int x, int y) {
    Graphics2D g = (Graphics2D) pen.create();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.translate(x, y);
    g.setColor(hair);
    g.fillOval(-width / 2 - 10, -105, width + 20, 170);
    g.setColor(skin);
    g.fillOval(-width / 2, -85, width, 170 + jaw);
    g.setColor(new Color(70, 45, 35));
    g.setStroke(new BasicStroke(7, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.drawArc(-18 - eyes, -38, 36, 16, 20, 140);
    g.drawArc(eyes - 18, -38, 36, 16, 20, 140);
    for (int side : new int[] {-eyes, eyes}) {
      g.setColor(EYE);
      g.fillOval(side - 15, -22, 30, 16);
      g.setColor(PUPIL);
      g.fillOval(side - 8, -22, 16, 16);
    }
    g.setColor(skin.darker());
    g.setStroke(new BasicStroke(5, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.drawLine(0, -10, -4, 20);
    g.drawArc(-14, 14, 28, 14, 200, 140);
    g.setColor(MOUTH);
    g.fillOval(-28, 38 + jaw, 56, 16);
    g.setColor(LIPS);
    g.drawLine(-26, 46 + jaw, 26, 46 + jaw);
    g.dispose();
  }
}
