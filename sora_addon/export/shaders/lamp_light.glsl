/* Light of one lamp on white matte (a share of its colour), and the share that a glossy surface mirrors of it. */

#define SUN 0
#define POINT 1
#define SPOT 2
#define AREA 3

/* Cosine-weighted share of the hemisphere that a sphere covers, cut by the horizon (Quilez, "Sphere ambient occlusion"):
   sine2 is the squared sine of its angular radius, cosine that of its middle to the normal. */
float sphere_share(float sine2, float cosine)
{
  float share = max(cosine, 0.0) * sine2;
  float h2 = 1.0 / clamp(sine2, 1e-9, 0.999999);
  float k2 = 1.0 - h2 * cosine * cosine;
  if (k2 > 1e-3 && sine2 > 1e-6) {
    share = cosine * acos(clamp(-cosine * sqrt((h2 - 1.0) / max(1.0 - cosine * cosine, 1e-9)), -1.0, 1.0)) -
            sqrt(k2 * (h2 - 1.0));
    share = (share / h2 + atan(sqrt(k2 / (h2 - 1.0)))) / PI;
  }
  return max(share, 0.0);
}

/* Lambert's formula: an edge of a polygon as seen from the origin, corners on the unit sphere. */
vec3 edge_light(vec3 a, vec3 b)
{
  float cosine = clamp(dot(a, b), -1.0, 1.0);
  vec3 axis = cross(a, b);
  float sine = length(axis);
  return sine > 1e-9 ? axis * (atan(sine, cosine) / sine) : vec3(0.0);
}

/* A share of the hemisphere as a vector: its length that of a sphere facing it, its direction the mean one. */
vec3 area_vector(vec3 point)
{
  vec3 x = lamp.axis_x.xyz * lamp.axis_x.w, y = lamp.axis_y.xyz * lamp.axis_y.w;
  vec3 middle = lamp.place.xyz - point;
  float distance2 = dot(middle, middle);
  float height = dot(middle, lamp.axis_z.xyz);
  if (height <= 0.0) {
    return vec3(0.0);
  }
  float reach2 = dot(x, x) + dot(y, y);
  if (reach2 < 1e-3 * distance2) {
    /* Too small for float32 to sum up its edges. */
    float area = 4.0 * lamp.axis_x.w * lamp.axis_y.w;
    return middle * (area * height / (PI * distance2 * distance2));
  }
  vec3 a = normalize(middle - x - y), b = normalize(middle + x - y);
  vec3 c = normalize(middle + x + y), d = normalize(middle - x + y);
  vec3 sum = edge_light(a, b) + edge_light(b, c) + edge_light(c, d) + edge_light(d, a);
  return (dot(sum, middle) < 0.0 ? -sum : sum) / (2.0 * PI);
}

/* Blender's cone: smooth from the rim inwards, in the lamp's own scaled axes. */
float spot_share(vec3 from_lamp)
{
  vec3 local = vec3(dot(lamp.inverse_x.xyz, from_lamp), dot(lamp.inverse_y.xyz, from_lamp),
                    dot(lamp.inverse_z.xyz, from_lamp));
  float cosine = -local.z / max(length(local), 1e-9);
  return smoothstep(0.0, 1.0, (cosine - lamp.cone.x) * lamp.cone.y);
}

/* Seen from all over the lamp: four points that spread as its disc does (a variance of r^2 / 4 along each side). */
float soft_spot_share(vec3 from_lamp)
{
  float radius = sqrt(lamp.power.y);
  if (radius < 1e-4) {
    return spot_share(from_lamp);
  }
  vec3 ray = normalize(from_lamp);
  vec3 across = normalize(cross(ray, abs(ray.z) < 0.7 ? vec3(0.0, 0.0, 1.0) : vec3(1.0, 0.0, 0.0))) * radius * 0.7071;
  vec3 up = cross(ray, across);
  return 0.25 * (spot_share(from_lamp + across) + spot_share(from_lamp - across) + spot_share(from_lamp + up) +
                 spot_share(from_lamp - up));
}

float matte_light(vec3 point, vec3 normal)
{
  int kind = int(lamp.place.w);
  if (kind == SUN) {
    float cosine = dot(normal, lamp.axis_z.xyz);
    /* A sun of no size is a direction. */
    return lamp.power.x * (lamp.power.y > 1e-6 ? sphere_share(lamp.power.y, cosine) / lamp.power.y : max(cosine, 0.0));
  }
  if (kind == AREA) {
    vec3 share = area_vector(point);
    float size = length(share);
    return size > 0.0 ? lamp.power.x * sphere_share(size, dot(normal, share) / size) : 0.0;
  }
  vec3 middle = lamp.place.xyz - point;
  float distance2 = max(dot(middle, middle), 1e-12);
  float cosine = dot(normal, middle) * inversesqrt(distance2);
  float radius2 = lamp.power.y;
  float sine2 = radius2 / (distance2 + radius2);
  float light = sine2 > 1e-6 ? sphere_share(sine2, cosine) / radius2 : max(cosine, 0.0) / distance2;
  return lamp.power.x * light * (kind == SPOT ? soft_spot_share(-middle) : 1.0);
}

/* The point of the lamp closest to the mirrored ray (Karis 2013): direction to it, and how much wider than a point
   the highlight is, as an angle. */
vec4 gloss_towards(vec3 point, vec3 mirrored)
{
  int kind = int(lamp.place.w);
  if (kind == SUN) {
    vec3 off = mirrored - lamp.axis_z.xyz * dot(mirrored, lamp.axis_z.xyz);
    float sine = sqrt(lamp.power.y);
    vec3 nearest = lamp.axis_z.xyz + off * min(1.0, sine / max(length(off), 1e-6));
    return vec4(normalize(dot(mirrored, lamp.axis_z.xyz) > 0.0 ? nearest : lamp.axis_z.xyz), sine);
  }
  vec3 middle = lamp.place.xyz - point;
  float distance_ = max(length(middle), 1e-6);
  vec3 nearest = middle;
  if (kind == AREA) {
    float slope = dot(mirrored, lamp.axis_z.xyz);
    float height = dot(middle, lamp.axis_z.xyz);
    vec3 met = slope > 1e-4 ? mirrored * (height / slope) : middle + mirrored * distance_ * 4.0;
    vec3 off = met - middle;
    nearest = middle + lamp.axis_x.xyz * clamp(dot(off, lamp.axis_x.xyz), -lamp.axis_x.w, lamp.axis_x.w) +
              lamp.axis_y.xyz * clamp(dot(off, lamp.axis_y.xyz), -lamp.axis_y.w, lamp.axis_y.w);
  }
  else {
    vec3 off = mirrored * dot(middle, mirrored) - middle;
    nearest = middle + off * min(1.0, lamp.cone.z / max(length(off), 1e-6));
  }
  return vec4(normalize(nearest), min(lamp.cone.z / distance_, 1.0));
}

/* GGX, height-correlated (Heitz 2014), for unit reflectance at every angle. Radiance mirrored, where ``matte`` is the
   radiance scattered by white. */
float gloss_light(vec3 point, vec3 normal, float roughness, float matte)
{
  vec3 eye = to_camera(point);
  vec4 towards = gloss_towards(point, reflect(-eye, normal));
  vec3 light = towards.xyz;
  vec3 half_way = normalize(light + eye);
  float nl = max(dot(normal, light), 0.0), nv = max(dot(normal, eye), 0.05), nh = max(dot(normal, half_way), 0.0);
  float alpha = max(roughness * roughness, 0.002);
  float wide = clamp(alpha + 0.5 * towards.w, 0.0, 1.0);
  float a2 = alpha * alpha;
  float lobe = nh * nh * (a2 - 1.0) + 1.0;
  /* The peak is spread over the lamp's image: a2 / (pi lobe^2) times (alpha / wide)^2. */
  float peak = a2 / (PI * lobe * lobe) * (a2 / (wide * wide));
  float mask = 0.5 / max(nl * sqrt(nv * nv * (1.0 - a2) + a2) + nv * sqrt(nl * nl * (1.0 - a2) + a2), 1e-5);
  return matte * PI * peak * mask;
}
