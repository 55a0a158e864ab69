package io.caravel.door;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Lets Spring MVC look at a path before Camel does: Camel's mapping (order -1) claims all that lies
 * below a path of the contract, so the files below {@code /api/photos/{id}} would be empty 404s.
 */
@Component
class FilesFirst implements BeanPostProcessor {
  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (name.equals("requestMappingHandlerMapping")
        && bean instanceof RequestMappingHandlerMapping mapping) {
      mapping.setOrder(-2);
    }
    return bean;
  }
}
