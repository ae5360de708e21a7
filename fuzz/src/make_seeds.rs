//! Writes the inputs that the fuzz targets begin with to the folder `seeds`, from the fixtures of the crate.
//!
//! In: `../fixtures`. Out: a folder for each target, with few and small files. Sessions and checkpoints are of the
//! data of `own.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disentangle::checkpoint;
use disentangle::prelude::*;
use disentangle::run::{Command, MapState, PartialMap, embed_from};
use disentangle_fuzz::own::{self, SAMPLES, dataset, npy, options};
use disentangle_fuzz::{container, hdf5};
use serde_json::{Value, json};

/// Names of files in `../fixtures/formats` by target.
const FILES: &[(&str, &[&str])] = &[
    (
        "npy",
        &[
            "arrays/bfloat16.npy",
            "arrays/float8.npy",
            "arrays/labels.npy",
            "arrays/sparse.npy",
            "counts.npy",
            "folders/label_last.npy",
        ],
    ),
    (
        "npz",
        &[
            "arrays/csr.npz",
            "arrays/whole.npz",
            "arrays/twice.npz",
            "folders/held_out.npz",
        ],
    ),
    (
        "table",
        &[
            "text/glove.txt",
            "text/pandas_decimal_comma.csv",
            "text/pandas_dummies.csv",
            "text/pandas_index.csv",
            "text/pandas_missing.csv",
            "text/r_table.tsv",
            "text/savetxt_short.txt",
        ],
    ),
    (
        "parquet",
        &[
            "vectors_fixed.parquet",
            "vectors_lists.parquet",
            "vectors_brotli.parquet",
            "nulls_delta.parquet",
        ],
    ),
    (
        "arrow",
        &[
            "v1.feather",
            "vectors_fixed.feather",
            "vectors_fixed.arrows",
            "vectors_lists.arrows",
        ],
    ),
    (
        "safetensors",
        &[
            "arrays/float8.safetensors",
            "arrays/misaligned.safetensors",
            "arrays/named.safetensors",
        ],
    ),
    (
        "torch",
        &["arrays/old.pt", "arrays/tensor.pt", "arrays/big_endian.pt"],
    ),
    (
        "hdf5",
        &[
            "keras.h5",
            "folders/lists.h5",
            "folders/unclear.h5",
            "folders/records.h5ad",
            "arrays_latest.h5",
        ],
    ),
    ("matlab", &["old.mat", "packed.mat"]),
    ("idx", &["arrays/floats-idx2", "arrays/labels-idx1-ubyte"]),
    (
        "json",
        &[
            "text/lists.json",
            "text/lists.jsonl",
            "text/nested.jsonl",
            "text/pandas_records.json",
        ],
    ),
    (
        "libsvm",
        &[
            "text/libsvm_from_0.txt",
            "text/libsvm_plain.txt",
            "text/libsvm_queries.txt",
        ],
    ),
    (
        "matrix_market",
        &[
            "text/market_array.mtx",
            "text/market_pattern.mtx",
            "text/market_symmetric.mtx",
            "text/market_whole.mtx",
        ],
    ),
    (
        "gzip",
        &[
            "arrays/features.npy.gz",
            "arrays/images-idx3-ubyte.gz",
            "arrays/table.csv.gz",
        ],
    ),
    ("zstd", &["arrays/features.npy.zst", "arrays/table.csv.zst"]),
    (
        "bzip2",
        &["arrays/features.npy.bz2", "arrays/table.csv.bz2"],
    ),
];

/// Archives of `../fixtures/formats` that are taken apart, by target.
const ARCHIVES: &[(&str, &[&str])] = &[
    (
        "npz",
        &[
            "arrays/coo.npz",
            "arrays/csr.npz",
            "folders/names.npz",
            "folders/numbered.npz",
        ],
    ),
    (
        "torch",
        &[
            "arrays/tensor.pt",
            "arrays/rows.pt",
            "arrays/state.pt",
            "arrays/protocol5.pt",
            "folders/weights.pt",
        ],
    ),
];

/// Entries of each kind.
const JOURNAL: &str = concat!(
    r#"{"journal":1,"time":"2026-01-31T12:00:00Z","event":"note","text":"two parts","sample":"img_7","set":"A/fc","perplexity":30.0,"seed":1,"iteration":750}"#,
    "\n",
    r#"{"journal":1,"time":"2026-01-31T12:00:01Z","event":"map","set":"A/fc","perplexity":30.0,"seed":1,"iteration":0}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"decision","sample":3,"label":"cat","decision":"relabel","relabel":"ox","note":""}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"selection","name":"odd","samples":[1,"img_7"]}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"forgotten","name":"odd"}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"run","set":"","perplexity":5.5,"seed":2,"iteration":750,"start":"pca","path":[{"perplexity":5.5,"until":750}],"relabeled":1,"k":10,"figures":{"kl_divergence":1.25}}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"comparison","k":10,"sets":[{"set":"A/fc","figures":{"cka":0.5}}]}"#,
    "\n",
    r#"{"journal":1,"time":"","event":"picture","set":"","perplexity":5.5,"seed":2,"iteration":7,"view":{"window":null,"color":"class","value":"","glyphs":"braille","rarest":true,"hidden":[],"hides_unlabeled":false},"selected":[2],"figures":{},"picture":["x"]}"#,
    "\n",
    r#"{"journal":2,"time":"","event":"dance"}"#,
    "\n",
);

/// Texts by target.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "table",
        &[
            "a,b,label\n1,2,x\n3.5,4e1,y\n",
            "\u{feff}a;b\r\n1,5;2\r\n\"3\";\r\n",
            "x\ty\nc\td\n\tclass\n1\tu\n2\tv\n",
        ],
    ),
    (
        "safetensors",
        &[
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}\n\0\0\u{0}\u{0}\0\0\0\0",
        ],
    ),
    (
        "unread",
        &[
            "\x04\"M\x18",
            "version https://git-lfs.github.com/spec/v1\n",
            "%PDF-1.4\n",
            "<html><body><table>\n",
            "@relation x\n@attribute a numeric\n@data\n1\n",
            "X\n\0\0\0\x02",
        ],
    ),
    (
        "study",
        &[
            "first = \"A/fc\"\nlabels = \"labels.npy\"\n[[models]]\nname = \"A\"\nlayers = [\n  { name = \"conv\", features = \"c.npy\" },\n  { name = \"fc\", features = \"f.npy\" },\n]\n[[models]]\nname = \"B\"\nfeatures = \"b.npz\"\npredictions = \"p.npy\"\n",
            "name = \"x\"\nmetric = \"cosine\"\nfeature_columns = [\"a*\"]\ndrop_invalid = true\nmodels = [{ name = \"A\", features = \"a.csv\" }]\n",
        ],
    ),
    (
        "config",
        &[
            "[screen]\nperplexity = [3, 8.5]\nk = 5\npalette = \"tol\"\nglyphs = \"ascii\"\nbackground = \"light\"\n[keys]\nfit = [\"F\", \"ctrl-f\"]\n",
            "[colors]\nclasses = [\"#010203\", \"red\", 208]\nfocus = \"bright-blue\"\n[screen]\nmouse = false\nautosave = 5\n",
        ],
    ),
    (
        "decisions",
        &[
            "row,id,label,decision,relabel,note\n1,s1,dog,relabel,ox,horns\n2,s2,ox,keep,,\n5,s5,ox,unsure,,\"two\nlines\"\n",
            "row,decision\n1,keep\n0,unsure\n",
        ],
    ),
    ("journal", &[JOURNAL]),
    (
        "inspect",
        &[
            "==> arguments\nx.csv\n--json\n--label-column\nc\n==> x.csv\na,b,c\n1,2,u\n3,4,v\n",
            "==> arguments\nx.csv\n--labels\nl.txt\n--ids\ni.txt\n--class-names\nn.txt\n--metric\ncosine\n--drop-invalid\n==> x.csv\n1,2\n3,nan\n==> l.txt\n0\n1\n==> i.txt\np\nq\n==> n.txt\nu\nv\n",
            "==> arguments\nx.csv\n--predictions\np.txt\n--probabilities\nq.csv\n--probability-classes\nu,v\n==> x.csv\nc,a,b\nu,1,2\nv,3,4\n==> p.txt\nu\nv\n==> q.csv\n0.5,0.5\n0.1,0.9\n",
            "==> arguments\nx.csv\n--transpose\n--no-header\n--features\n1*\n--not-features\n2\n==> x.csv\n,p,q\na,1,2\nb,3,4\n",
            "==> arguments\ns.toml\n==> s.toml\nlabels = \"l.txt\"\n[[models]]\nname = \"A\"\nfeatures = \"a.csv\"\n[[models]]\nname = \"B\"\nfeatures = \"b.csv\"\n==> a.csv\n1,2\n3,4\n==> b.csv\n1\n2\n==> l.txt\nu\nv\n",
        ],
    ),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = Seeds {
        fixtures: root.join("../fixtures/formats"),
        folder: root.join("seeds"),
    };
    for (target, names) in FILES {
        for name in *names {
            seeds.write(target, name, &seeds.fixture(name));
        }
    }
    for (target, names) in ARCHIVES {
        for name in *names {
            let parts = taken_apart(&seeds.fixture(name));
            seeds.write(target, &format!("{name}.parts"), &joined(&parts));
        }
    }
    for (target, texts) in TEXTS {
        for (number, text) in texts.iter().enumerate() {
            seeds.write(target, &format!("text{number}"), text.as_bytes());
        }
    }
    let latest = seeds.fixture("arrays_latest.h5");
    assert!(
        hdf5::with_checksums(&latest) == latest,
        "checksums are computed as in HDF5"
    );
    seeds.write("matlab", "parts", &matlab_parts());
    seeds.write("xz", "chunks", &xz_chunks());
    seeds.write("session", "parts", &session());
    seeds.write("checkpoint", "parts", &checkpoint_parts());
}

struct Seeds {
    fixtures: PathBuf,
    folder: PathBuf,
}

impl Seeds {
    fn fixture(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.fixtures.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, target: &str, name: &str, bytes: &[u8]) {
        let folder = self.folder.join(target);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let path = folder.join(name.replace('/', "_"));
        std::fs::write(path, bytes).expect("the folder can be written to");
    }
}

/// The members of an archive.
fn taken_apart(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("it is an archive");
    (0..zip.len())
        .map(|at| {
            let mut member = zip.by_index(at).expect("it is whole");
            let mut content = Vec::new();
            std::io::copy(&mut member, &mut content).expect("it is whole");
            let name = member.name().expect("it is text");
            // PyTorch puts everything into a folder.
            let name = name.split_once('/').map_or(&*name, |(_, name)| name);
            (name.to_owned(), content)
        })
        .collect()
}

fn joined(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let written = parts
        .iter()
        .map(|(name, content)| [format!("==> {name}\n").as_bytes(), content].concat());
    written.collect::<Vec<_>>().join(&b'\n')
}

/// A matrix and a text, as they are before they are compressed.
fn matlab_parts() -> Vec<u8> {
    let element = |kind: u32, content: &[u8]| {
        let mut bytes = [kind.to_le_bytes(), (content.len() as u32).to_le_bytes()].concat();
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let words = |words: &[u32]| {
        words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let variable = |class: u32, shape: &[u32], name: &str, values: Vec<u8>| {
        let inner = [
            element(6, &words(&[class, 0])),
            element(5, &words(shape)),
            element(1, name.as_bytes()),
            values,
        ];
        element(14, &inner.concat())
    };
    let doubles: Vec<u8> = [1.0_f64, 2.0, 3.5, -4.0]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let features = variable(6, &[2, 2], "features", element(9, &doubles));
    let labels = variable(4, &[2, 1], "labels", element(4, &[b'a', 0, b'b', 0]));
    joined(&[("features".into(), features), ("labels".into(), labels)])
}

/// A table in one chunk that is not compressed, and the end.
fn xz_chunks() -> Vec<u8> {
    let table = b"a,b,label\n1,2,x\n3.5,4e1,y\n";
    let length = (table.len() as u16 - 1).to_be_bytes();
    [&[22, 1][..], &length, table, &[0]].concat()
}

fn session() -> Vec<u8> {
    let data = Arc::new(dataset().clone());
    let run =
        Run::start(data, options(), Arc::new(|| ()), &Execution::default()).expect("it starts");
    run.wait_until_idle();
    run.send(Command::SetPerplexity(2.0));
    run.wait_until_idle();
    let run = run.stop().expect("it was computed");
    let mut text = json!({
        "schema": "disentangle.session/1",
        "arguments": ["x.npz"],
        "data": {"name": "x", "models": [{"name": "A", "layers": [{"name": "", "features": "x.npz"}]}]},
        "is_single": true,
        "samples": SAMPLES,
        "sets": [{"name": "", "features": "", "run": run}],
    });
    for map in text["sets"][0]["run"]["maps"]
        .as_array_mut()
        .expect("it has maps")
    {
        let optimizer = map["optimizer"].as_object_mut().expect("it has a state");
        optimizer
            .retain(|key, _| !["positions", "updates", "gains", "order"].contains(&key.as_str()));
    }
    let mut parts = vec![("session.json".to_owned(), text.to_string().into_bytes())];
    for (number, map) in run.maps.iter().enumerate() {
        parts.extend(arrays(map, &format!("set0/map{number}/")));
    }
    joined(&parts)
}

fn arrays(map: &MapState, folder: &str) -> Vec<(String, Vec<u8>)> {
    let optimizer = &map.optimizer;
    let shape = format!("{SAMPLES}, 2");
    let pairs = [
        ("positions", &optimizer.positions),
        ("updates", &optimizer.updates),
        ("gains", &optimizer.gains),
    ];
    let bytes = |pairs: &[[f32; 2]]| {
        pairs
            .as_flattened()
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let pairs = pairs.map(|(name, pairs)| {
        (
            format!("{folder}{name}.npy"),
            npy("<f4", &shape, &bytes(pairs)),
        )
    });
    let order: Vec<u8> = optimizer
        .order
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let order = npy("<u4", &SAMPLES.to_string(), &order);
    pairs
        .into_iter()
        .chain([(format!("{folder}order.npy"), order)])
        .collect()
}

fn checkpoint_parts() -> Vec<u8> {
    let mut partial: Option<PartialMap> = None;
    let watched = embed_from(
        dataset(),
        &options(),
        None,
        &mut |_, _| (),
        &Execution::default(),
    );
    let map = watched.expect("it is computed");
    let mut state = map.state();
    state.iteration = 20;
    partial.replace(PartialMap {
        state,
        divergences: vec![(20, 1.5)],
    });
    let bytes = partial.map(|partial| checkpoint::to_bytes(dataset(), &options(), &partial));
    let bytes = bytes.expect("it was set").expect("it can be written");
    let mut parts: BTreeMap<String, Vec<u8>> = taken_apart(&bytes).into_iter().collect();
    let about = parts.remove("about.npy").expect("it is there");
    let start = about
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let text: Value = serde_json::from_slice(&about[start..]).expect("it is JSON");
    parts.insert("about".into(), text.to_string().into_bytes());
    let parts: Vec<_> = parts.into_iter().collect();
    let joined = joined(&parts);
    own::checkpoint(&joined);
    assert!(!container::parts(&joined).is_empty());
    joined
}
