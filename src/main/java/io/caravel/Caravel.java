package io.caravel;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts Caravel: the routes tell what it does. */
@SpringBootApplication
public class Caravel {
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    SpringApplication.run(Caravel.class, arguments);
  }
}
