void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  out_matte = vec4(0.0);
  out_gloss = vec4(0.0);
  if (here.w > 0.0) {
    vec3 point = point_of(gl_FragCoord.xy, here.w);
    float light = matte_light(point, here.xyz);
    if (light > 0.0) {
      if (lamp.counts.x > 0.0) {
        light *= lamp_seen(point, here.xyz, flat_normal(pixel, here));
      }
      float roughness = material_at(pixel, 0).x;
      out_matte = vec4(min(light, 60000.0));
      out_gloss = vec4(min(gloss_light(point, here.xyz, roughness, light), 60000.0));
    }
  }
}
