/* The table of materials: 256 a row, the rows of each block below one another. Row 0: roughness, metallic, transmission,
   reflectance head-on; row 1: emission. */
vec4 material_at(ivec2 pixel, int row)
{
  int index = int(texelFetch(ids_picture, pixel, 0).y + 0.5);
  return texelFetch(material_table, ivec2(index % 256, 2 * (index / 256) + row), 0);
}
