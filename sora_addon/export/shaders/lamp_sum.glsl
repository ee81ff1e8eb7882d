/* Four lamps, a channel each, into the coloured light of all lamps so far. */
void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 matte = texelFetch(matte_shares, pixel, 0), gloss = texelFetch(gloss_shares, pixel, 0);
  vec3 light = texelFetch(light_before, pixel, 0).rgb, shine = texelFetch(gloss_before, pixel, 0).rgb;
  for (int i = 0; i < 4; i++) {
    light += colors.rows[i].rgb * matte[i];
    shine += colors.rows[i].rgb * gloss[i];
  }
  out_light = vec4(light, 1.0);
  out_gloss = vec4(shine, 1.0);
}
