#!/usr/bin/env python3
"""Runs the blocks of docs/python.md with small, untrained models and the program.

    python3 scripts/run_python.py [--program target/release/disentangle]

Each section starts in a new folder with the names that SETUPS gives it. Blocks of Python run in
this process, blocks of shell as they are, but that `disentangle` without a command, which opens the
screen, becomes `disentangle inspect`, or `compare` for models. What CHECKS says of a section must
then hold. A section whose packages are not installed is skipped with a line. Exit code 1 if
anything fails.

Packages: scripts/requirements-python.txt.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import traceback

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "python.md"
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = {"demo", "embed", "draw", "diagnose", "suspects", "compare", "report", "inspect"}
CLASSES = ["none", "mild", "moderate", "severe"]
SAMPLES = 48
os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def images(size=64):
    generator = np.random.default_rng(1)
    targets = generator.integers(0, len(CLASSES), SAMPLES)
    pixels = generator.normal(targets[:, None, None, None], 1, (SAMPLES, 3, size, size))
    return pixels.astype(np.float32), targets


def torch_names(model, size=64):
    import torch

    pixels, targets = images(size)
    data = torch.utils.data.TensorDataset(torch.from_numpy(pixels), torch.from_numpy(targets))
    loader = torch.utils.data.DataLoader(data, batch_size=20)
    return {"model": model, "loader": loader, "device": "cpu", "class_names": CLASSES}


def resnet():
    import torch
    import torchvision

    torch.manual_seed(1)
    return torch_names(torchvision.models.resnet18(num_classes=len(CLASSES)))


def timm_models():
    import timm
    import torch

    torch.manual_seed(1)
    for name in ["resnet10t", "vit_tiny_patch16_224", "convnext_atto", "efficientnet_b0"]:
        size = 224 if "224" in name else 64
        yield torch_names(timm.create_model(name, num_classes=len(CLASSES)), size)


def torchvision_models():
    import torch
    import torchvision

    torch.manual_seed(1)
    for name in ["mobilenet_v3_small", "densenet121", "efficientnet_b0", "convnext_tiny", "vit_b_32"]:
        size = 224 if name.startswith("vit") else 64
        yield torch_names(torchvision.models.get_model(name, num_classes=len(CLASSES)), size)


def hugging_face():
    import torch
    import transformers

    torch.manual_seed(1)
    names = dict(enumerate(CLASSES))
    vit = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        image_size=32, patch_size=8, id2label=names, label2id={v: k for k, v in names.items()},
    )
    bert = transformers.DistilBertConfig(
        vocab_size=100, dim=32, n_layers=2, n_heads=2, hidden_dim=64, id2label=names,
        label2id={v: k for k, v in names.items()},
    )
    pixels, targets = images(32)
    pictures = [{"pixel_values": p, "labels": int(t)} for p, t in zip(pixels, targets)]
    generator = np.random.default_rng(1)
    texts = [{"input_ids": generator.integers(0, 100, 12), "labels": int(t)} for t in targets]
    for model, test_set in [
        (transformers.ViTForImageClassification(vit), pictures),
        (transformers.DistilBertForSequenceClassification(bert), texts),
    ]:
        arguments = transformers.TrainingArguments(
            "trainer", per_device_eval_batch_size=20, report_to=[], use_cpu=True, disable_tqdm=True
        )
        trainer = transformers.Trainer(model, arguments)
        yield {"model": model, "trainer": trainer, "test_set": test_set}


def keras_models():
    import keras

    pixels, targets = images(32)
    keras.utils.set_random_seed(1)
    layers = keras.layers
    sequential = keras.Sequential([
        keras.Input((32, 32, 3)), layers.Conv2D(8, 3), layers.GlobalAveragePooling2D(),
        layers.Dense(16, "relu"), layers.Dense(len(CLASSES), "softmax"),
    ])
    start = keras.Input((32, 32, 3))
    middle = layers.Dense(16, "relu")(layers.Flatten()(start))
    functional = keras.Model(start, layers.Dense(len(CLASSES), "softmax")(middle))
    for model in (sequential, functional):
        pictures = np.moveaxis(pixels, 1, 3)
        yield {"model": model, "images": pictures, "labels": targets, "class_names": CLASSES}


def scikit_learn():
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pixels, targets = images(4)
    table = pd.DataFrame(pixels.reshape(SAMPLES, -1))
    names = pd.Series(np.array(CLASSES)[targets])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(table, names)
    return {"pipeline": pipeline, "X_test": table, "y_test": names}


def archive():
    pixels, targets = images(4)
    np.savez("features.npz", features=pixels.reshape(SAMPLES, -1), labels=targets)
    return {"paths": [pathlib.Path(f"scan {i}.png") for i in range(SAMPLES)]}


def analysed():
    """Features with ids, and decisions in the form in which the screen saves them."""
    pixels, targets = images(4)
    ids = np.array([f"scan {i}" for i in range(SAMPLES)])
    names = np.array(CLASSES)[targets]
    np.savez("features.npz", features=pixels.reshape(SAMPLES, -1), labels=names, ids=ids)
    other = next(name for name in CLASSES if name != names[3])
    with open("features.decisions.csv", "w") as file:
        file.write("row,id,label,decision,relabel,note\n")
        file.write(f"3,scan 3,{names[3]},relabel,{other},\n")
    return {"expected": other}


SETUPS = {
    "PyTorch": resnet, "Several layers": resnet, "timm": timm_models, "torchvision": torchvision_models,
    "Hugging Face": hugging_face, "TensorFlow and Keras": keras_models, "scikit-learn": scikit_learn,
    "Ids": archive, "Read back what disentangle writes": analysed,
}


def accept(program, file="features.npz", labels=len(CLASSES)):
    """The program reads the file as it was meant: all samples, and the classes."""
    shown = subprocess.run([program, "diagnose", file, "--json"], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    report = json.loads(shown.stdout)
    assert report["samples"] == SAMPLES, report["samples"]
    assert len(report["classes"]) == labels, report["classes"]
    return report


def check(section, program, names):
    if section == "Several layers":
        sizes = [accept(program, f"layers.npz:layer{i}")["dimensions"] for i in range(1, 5)]
        assert sizes == [64, 128, 256, 512], sizes
    elif section == "Read back what disentangle writes":
        assert len(names["table"]) == SAMPLES and {"id", "x", "y", "label"} <= set(names["table"])
        assert set(names["classes"]["label"]) == set(CLASSES)
        assert names["confusion"].shape == (len(CLASSES), len(CLASSES))
        assert names["relabeled"].loc[3] == names["expected"] == names["labels"][3]
        assert len(names["suspects"]) > 0
    else:
        report = accept(program)
        if section != "Ids" and section != "torchvision":
            assert {c["label"] for c in report["classes"]} == set(CLASSES), report["classes"]
        if section == "Ids":
            shown = subprocess.run([program, "suspects", "features.npz", "--csv"], capture_output=True, text=True)
            assert "scan " in shown.stdout, shown.stdout


def sections():
    for text in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        title = text.splitlines()[0]
        yield title, BLOCK.findall(text)


def shell(code, program):
    for line in code.splitlines():
        words = shlex.split(line)
        assert words[0] == "disentangle", line
        command = [program, *words[1:]]
        if words[1] not in COMMANDS:
            command.insert(1, "compare" if "=" in words[1] else "inspect")
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def run(title, blocks, names, program):
    for language, code in blocks:
        if language == "sh":
            shell(code, program)
        else:
            exec(compile(code, f"{PAGE.name}, {title}", "exec"), names)
    check(title, program, names)


def setups(title):
    made = SETUPS[title]()
    if isinstance(made, dict):
        yield made
    else:
        yield from made


def attempt(title, blocks, program):
    """Whether the section holds; None where a package is missing."""
    try:
        count = 0
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for names in setups(title):
                run(title, blocks, names, program)
                count += 1
            os.chdir(ROOT)
        print(f"{title}: {count} run" + "s" * (count > 1))
        return True
    except ImportError as error:
        print(f"{title}: skipped, {error}")
        return None
    except Exception:
        traceback.print_exc()
        print(f"{title}: FAILED")
        return False
    finally:
        os.chdir(ROOT)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / "target" / "release" / "disentangle", type=pathlib.Path)
    program = str(parser.parse_args().program.resolve())
    assert os.access(program, os.X_OK), f"{program} is not there: cargo build --release, or --program"
    found = list(sections())
    unknown = [title for title, blocks in found if blocks and title not in SETUPS]
    assert not unknown, f"no setup for {unknown}"
    assert {title for title, _ in found} >= set(SETUPS), "a setup without a section"
    results = [attempt(title, blocks, program) for title, blocks in found if blocks]
    print(f"{results.count(True)} sections hold, {results.count(False)} fail, {results.count(None)} skipped")
    sys.exit(1 if False in results else 0)


if __name__ == "__main__":
    main()
