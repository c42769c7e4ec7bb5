/** The trained networks: written by `npm run train`, not by hand. What they are is in metric/MODEL-CARD.md. */
import type { JndModel } from './jnd-network.ts';

// biome-ignore format: written by a program
export const JND_MODEL: JndModel = {
  dataSha256: '5b42d09286c0be5b482bdfff07def8320d6cb21dcbc4b699226e2f93ac6947c2',
  seed: 1,
  structure: [
    [{ height: 0.355234, offset: 7.99604, slopes: [1.38073]},{ height: 0.603052, offset: 6.50607, slopes: [1.35705]},{ height: 0.268883, offset: 9.42549, slopes: [1.58044]}],
    [{ height: 0.1939, offset: 6.19414, slopes: [1.00068]},{ height: 0.369832, offset: 13.7922, slopes: [2.23053]},{ height: 0.796545, offset: 11.404, slopes: [2.97191]}],
    [{ height: 0.311655, offset: 14.3897, slopes: [2.31214]},{ height: 0.187065, offset: 7.61015, slopes: [1.2258]},{ height: 0.945104, offset: 8.82441, slopes: [2.27114]}],
    [{ height: 0.431191, offset: 14.27, slopes: [2.33739]},{ height: 0.275144, offset: 2.80986, slopes: [0.803653]},{ height: 0.717134, offset: 11.1145, slopes: [2.86529]}],
    [{ height: 0.823815, offset: 10.4059, slopes: [2.70318]},{ height: 0.321417, offset: 13.6015, slopes: [2.28979]},{ height: 0.255837, offset: 7.98676, slopes: [1.24219]}],
    [{ height: 0.478467, offset: 7.31295, slopes: [1.78709]},{ height: 0.478542, offset: 10.3605, slopes: [1.70666]},{ height: 0.300987, offset: 6.07493, slopes: [1.14795]}],
    [{ height: 0.407642, offset: 13.4251, slopes: [2.15626]},{ height: 0.238522, offset: 3.53974, slopes: [0.698232]},{ height: 0.841516, offset: 10.791, slopes: [2.81948]}],
    [{ height: 0.24434, offset: 3.99748, slopes: [0.816247]},{ height: 0.419476, offset: 13.4114, slopes: [2.1693]},{ height: 0.852968, offset: 10.8619, slopes: [2.85185]}],
    [{ height: 0.723825, offset: 10.8626, slopes: [2.79449]},{ height: 0.173198, offset: 5.34434, slopes: [1.03507]},{ height: 0.395257, offset: 14.6387, slopes: [2.39627]}],
    [{ height: 0.250989, offset: 6.45563, slopes: [1.0709]},{ height: 0.36291, offset: 12.3729, slopes: [2.03859]},{ height: 0.938071, offset: 8.74345, slopes: [2.2524]}],
  ],
  score: [
    [{ height: 0.147346, offset: -3.49539, slopes: [1.17344]},{ height: 0.165629, offset: -3.98484, slopes: [1.17303]},{ height: 0.305224, offset: -15.5855, slopes: [5.94637]}],
    [{ height: 0.103045, offset: -2.1077, slopes: [0.824299]},{ height: 0.318084, offset: -16.2967, slopes: [6.32797]},{ height: 0.15333, offset: -3.36499, slopes: [0.683937]}],
    [{ height: 0.317661, offset: -12.1812, slopes: [4.62758]},{ height: 0.251468, offset: -8.07457, slopes: [2.77742]},{ height: 0.303574, offset: -8.58118, slopes: [2.82618]}],
    [{ height: 0.324171, offset: -17.7685, slopes: [6.78516]},{ height: 0.179076, offset: -3.87884, slopes: [0.690115]},{ height: 0.17527, offset: -4.0238, slopes: [0.704978]}],
    [{ height: 0.175012, offset: -3.02714, slopes: [0.626491]},{ height: 0.102114, offset: -2.60383, slopes: [1.18172]},{ height: 0.28694, offset: -18.1009, slopes: [6.97531]}],
    [{ height: 0.218191, offset: -4.77256, slopes: [1.0041]},{ height: 0.347441, offset: -14.2171, slopes: [5.44542]},{ height: 0.18534, offset: -3.43219, slopes: [1.00372]}],
    [{ height: 0.323939, offset: -16.0453, slopes: [6.23732]},{ height: 0.154347, offset: -2.36911, slopes: [0.60277]},{ height: 0.163549, offset: -3.25198, slopes: [0.733515]}],
    [{ height: 0.27686, offset: -6.4478, slopes: [1.89699]},{ height: 0.402079, offset: -12.2039, slopes: [4.70392]},{ height: 0.580111, offset: -10.5373, slopes: [2.85411]}],
    [{ height: 0.151967, offset: -3.74332, slopes: [0.680505]},{ height: 0.0967946, offset: -3.35701, slopes: [0.895595]},{ height: 0.314679, offset: -18.1955, slopes: [6.93993]}],
    [{ height: 0.102051, offset: -2.24112, slopes: [0.876563]},{ height: 0.297975, offset: -17.7108, slopes: [6.82989]},{ height: 0.131927, offset: -2.24014, slopes: [0.606032]}],
  ],
  doubt: 0.620244,
  error: { scale: 0.291379, power: 0.15},
  scoreError: { scale: 0.440696, power: 0.35},
  recalibration: null,
};
