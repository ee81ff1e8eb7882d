/* Base colour times light, and what shines by itself: the draft that reflections show. Alpha: 1 where something is. */
void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  if (here.w <= 0.0) {
    out_color = vec4(frame.world.rgb, 0.0);
    return;
  }
  vec3 light = texelFetch(lamp_light, pixel, 0).rgb + frame.world.rgb * texelFetch(shares, pixel, 0).x;
  vec3 base = texelFetch(base_picture, pixel, 0).rgb;
  vec4 look = material_at(pixel, 0);
  /* Metal scatters nothing, but a mirror that meets it sees it shine: its base colour stands for both. */
  out_color = vec4(base * light + material_at(pixel, 1).rgb, 1.0);
}
