package io.caravel.door;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The doors that Spring MVC answers refuse a parameter that they do not know, as those of the
 * routes do: a filter with a slip in its name would answer with everything.
 */
@Component
class UndeclaredParameters implements WebMvcConfigurer, HandlerInterceptor {
  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns("/api/**");
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    String query = request.getQueryString();
    if (query == null
        || !(handler instanceof HandlerMethod method)
        || !method.getBeanType().getPackage().equals(getClass().getPackage())) {
      return true;
    }
    List<String> declared =
        Arrays.stream(method.getMethodParameters())
            .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
            .map(UndeclaredParameters::name)
            .toList();
    for (String pair : query.split("&")) {
      String name = decoded(pair.replaceFirst("=.*", ""));
      if (!name.isEmpty() && !declared.contains(name)) {
        Problem.answer(
            request,
            response,
            400,
            "The parameter %s is unknown here: there is %s."
                .formatted(name, declared.isEmpty() ? "none" : String.join(", ", declared)));
        return false;
      }
    }
    return true;
  }

  private static String name(MethodParameter parameter) {
    RequestParam declared =
        Objects.requireNonNull(parameter.getParameterAnnotation(RequestParam.class));
    return declared.name().isEmpty()
        ? Objects.requireNonNullElse(parameter.getParameter().getName(), "")
        : declared.name();
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }
}
