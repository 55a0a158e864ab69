package io.caravel.door;

import io.caravel.Caravel;
import io.caravel.flow.StandInRoutes;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;

/** Caravel on a free port of loopback, its routes stood in for, on a database in memory. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
// Tests have no metrics otherwise, so no /actuator/prometheus either.
@AutoConfigureObservability(tracing = false)
@SpringBootTest(
    classes = {Caravel.class, StandInRoutes.class},
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.config.import=classpath:door-settings.yaml",
      "spring.datasource.url=jdbc:h2:mem:${random.uuid};MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1",
      "camel.main.routes-include-pattern=classpath:doors/*.camel.yaml",
      "caravel.home=target/doors-home/${random.uuid}", // each has a database of its own
      "caravel.events.poll-ms=20",
      "caravel.events.heartbeat-ms=50",
      "caravel.disk-least-mb=1",
      "camel.component.spring-rabbitmq.auto-startup=false"
    })
public @interface DoorTest {}
